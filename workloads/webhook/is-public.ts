import ipaddr from "ipaddr.js";

/**
 * Whether an address is one of the public internet. Everything else is our own network's, or nobody's: private, loopback, link-local (where
 * clouds answer for credentials), multicast, reserved, and IPv6 that carries an IPv4 address within (mapped, NAT64, 6to4, Teredo).
 */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const read = ipaddr.parse(address);
  if (read.range() !== "unicast") return false;
  return read.kind() === "ipv4" ? !cloudHosts.has(read.toString()) : read.match(globalUnicast);
}

// Azure answers every machine of its own there, as others do at 169.254.169.254.
const cloudHosts = new Set(["168.63.129.16"]);
// All that was ever given out of IPv6 (RFC 4291, IANA).
const globalUnicast = ipaddr.parseCIDR("2000::/3") as [ipaddr.IPv6, number];
