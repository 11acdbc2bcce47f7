import { isIP } from "node:net";
import { isPublic } from "./is-public.ts";

export type UrlRules = {
  /** Only `https`. */
  readonly secure: boolean;
  /** Addresses that are not of the public internet are taken too. */
  readonly allowPrivate: boolean;
};

export const maxUrlLength = 2048;

/**
 * What is wrong with the URL of an endpoint, as the end of "url must be …"; `undefined`: nothing that can be seen from here. Where a name
 * leads to is looked at again before each delivery.
 */
export function urlFault(text: string, { secure, allowPrivate }: UrlRules): string | undefined {
  const shape = `${secure ? "an https" : "an http or https"} URL of at most ${maxUrlLength} characters, like https://shop.example.com/webhooks`;
  if (text.length > maxUrlLength || !URL.canParse(text)) return shape;
  const { protocol, username, password, port, hash, hostname } = new URL(text);
  if (protocol !== "https:" && (secure || protocol !== "http:")) return shape;
  if (username !== "" || password !== "") return "a URL without user name and password: check the signature instead";
  if (hash !== "") return "a URL without a fragment (#…), which is never sent";
  if (port !== "" && port !== "80" && Number(port) < 1024) return "a URL with port 443, 80, or one from 1024";
  if (!allowPrivate && isOurs(hostname)) return "a URL that leads into the public internet, not into a private network";
  return undefined;
}

/** The address in a URL without the brackets of IPv6; `undefined`: it is a name. */
export function addressIn(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(bare) === 0 ? undefined : bare;
}

/** A name that is always the machine itself (RFC 6761). */
export const isLocalhost = (hostname: string): boolean => /(^|\.)localhost\.?$/i.test(hostname);

function isOurs(hostname: string): boolean {
  const address = addressIn(hostname);
  return address === undefined ? isLocalhost(hostname) : !isPublic(address);
}
