import { Resolver } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { isPublic } from "./is-public.ts";
import { addressIn, isLocalhost } from "./url-fault.ts";

/** The host of an endpoint leads where nothing may be sent, or nowhere. */
export class HostRefused extends Error {
  override readonly name = "HostRefused";
}

export type Lookup = {
  /** Refuses a host that is an address, and not a public one: such a one is never looked up. */
  check(hostname: string): void;
  /** For connections: gives the addresses that were checked, so that no second look-up can lead elsewhere. */
  readonly forSockets: LookupFunction;
};

export type LookupOptions = {
  readonly allowPrivate: boolean;
  /** `address:port`; empty: those of the machine. */
  readonly servers: readonly string[];
};

/**
 * Finds the addresses of hosts that merchants chose. All must be public, or none is used. Names are asked of DNS alone, and never through
 * the system's own look-up: that would know our network's names, and a server that does not answer would hold up its few threads.
 */
export function lookup({ allowPrivate, servers }: LookupOptions): Lookup {
  const resolver = new Resolver({ timeout: 1_500, tries: 2 });
  if (servers.length > 0) resolver.setServers([...servers]);

  function checked(hostname: string, addresses: readonly string[]): readonly string[] {
    if (addresses.length === 0) throw new HostRefused(`${hostname} has no address`);
    if (!allowPrivate && !addresses.every(isPublic)) throw new HostRefused(`${hostname} leads to an address that is not public`);
    return addresses;
  }

  async function addressesOf(hostname: string): Promise<readonly string[]> {
    if (isLocalhost(hostname)) return ["127.0.0.1", "::1"];
    const [four, six] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const found = [four, six].flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    if (found.length > 0) return found;
    const { code = "unknown" } = (four as PromiseRejectedResult).reason as { code?: string };
    throw new HostRefused(`${hostname} was not found (${code})`);
  }

  return {
    check(hostname) {
      const address = addressIn(hostname);
      if (address !== undefined) checked(hostname, [address]);
    },
    forSockets(hostname, { all }, callback) {
      addressesOf(hostname)
        .then((addresses) => checked(hostname, addresses))
        .then(
          (addresses) => {
            const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
            if (all) callback(null, found);
            else callback(null, found[0]!.address, found[0]!.family);
          },
          (error: Error) => callback(error, []),
        );
    },
  };
}
