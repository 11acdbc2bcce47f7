import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";

/** How the API server proves that it speaks for a user, as ConfigMap `kube-system/extension-apiserver-authentication` says. */
export type FrontProxy = {
  /** PEM of the authority that its client certificate is of. */
  readonly authority: string;
  /** Common names that are taken; none: any of that authority. */
  readonly allowedNames: readonly string[];
  readonly userHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraPrefixes: readonly string[];
};

export type User = { readonly user: string; readonly groups: readonly string[]; readonly extra: { readonly [name: string]: string[] } };

/** Reads the ConfigMap's data. `undefined`: this API server has no front proxy, and nobody can be believed. */
export function frontProxyOf(data: { readonly [key: string]: string } | undefined): FrontProxy | undefined {
  const authority = data?.["requestheader-client-ca-file"];
  if (!authority) return undefined;
  const list = (key: string): string[] => JSON.parse(data?.[key] || "[]");
  return {
    authority,
    allowedNames: list("requestheader-allowed-names"),
    userHeaders: list("requestheader-username-headers"),
    groupHeaders: list("requestheader-group-headers"),
    extraPrefixes: list("requestheader-extra-headers-prefix"),
  };
}

/** For whom the API server asks; `undefined` when it is not the API server that asks. Headers alone prove nothing. */
export function userOf({ socket, headers, headersDistinct }: IncomingMessage, proxy: FrontProxy): User | undefined {
  const { authorized, getPeerCertificate } = socket as TLSSocket;
  if (!authorized) return undefined;
  const names = [getPeerCertificate.call(socket).subject?.CN].flat();
  if (proxy.allowedNames.length > 0 && !names.some((name) => name !== undefined && proxy.allowedNames.includes(name))) return undefined;

  const user = firstOf(proxy.userHeaders, headers);
  if (!user) return undefined;
  const groups = proxy.groupHeaders.flatMap((header) => headersDistinct[header.toLowerCase()] ?? []);
  // Go's servers add it to everyone whom they know, and what everyone may do hangs on it.
  return { user, groups: [...new Set([...groups, "system:authenticated"])], extra: extraOf(headersDistinct, proxy.extraPrefixes) };
}

function firstOf(names: readonly string[], headers: IncomingHttpHeaders): string | undefined {
  return names.map((name) => headers[name.toLowerCase()]).find((value): value is string => typeof value === "string" && value !== "");
}

function extraOf(headers: NodeJS.Dict<string[]>, prefixes: readonly string[]): { [name: string]: string[] } {
  const found = Object.entries(headers).flatMap(([header, values]) => {
    const prefix = prefixes.find((one) => header.startsWith(one.toLowerCase()));
    return prefix === undefined ? [] : [[decodeURIComponent(header.slice(prefix.length)), values ?? []] as const];
  });
  return Object.fromEntries(found);
}
