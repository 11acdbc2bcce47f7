import { createPrivateKey, X509Certificate } from "node:crypto";
import { type Authority, type Days, type Made, make } from "./make.ts";

/** What a Secret holds: what is served now, and every authority that callers must trust meanwhile, the newest first. */
export type Certificates = Made & { readonly trusted: readonly string[] };

export const usualDays: Days = { authority: 3650, serving: 365 };

export interface RenewOptions {
  /** DNS names that callers use. */
  readonly names: readonly string[];
  readonly now: number;
  readonly days?: Days | undefined;
  /** How long a new authority is only trusted, before anything of it is served: until every caller has heard of it. Default 0: whoever serves sees to that. */
  readonly trustedFirstMs?: number;
}

/**
 * The certificates to go on with: these, while two thirds of their time are not over, or new ones. The authority before stays trusted,
 * so that no caller meets a certificate that it cannot check: tell callers what is `trusted` first, and serve the new one then.
 */
export async function renewed(have: Certificates | undefined, options: RenewOptions): Promise<Certificates> {
  const { names, now, days = usualDays, trustedFirstMs = 0 } = options;
  const mayServeOn = have && trustedFirstMs > 0 && !isOver(have.serving.certificate, now);
  if (!have || isOld(have.authority.certificate, now)) {
    const made = await make({ names, days });
    const before = have?.trusted.filter((certificate) => !isOver(certificate, now)).slice(0, 1) ?? [];
    const serving = mayServeOn ? have.serving : made.serving;
    return { authority: made.authority, serving, trusted: [made.authority.certificate, ...before] };
  }
  const { authority, serving } = have;
  const isOfNewest = isOf(serving.certificate, authority.certificate);
  const isWell = isOfNewest && !isOld(serving.certificate, now) && isFor(serving.certificate, names);
  const isWaiting = !isOfNewest && mayServeOn && now < lifeOf(authority.certificate).from + trustedFirstMs;
  if (isWell || isWaiting) {
    const trusted = have.trusted.filter((certificate) => !isOver(certificate, now));
    return trusted.length === have.trusted.length ? have : { ...have, trusted };
  }
  return { ...(await make({ names, days, authority })), trusted: have.trusted };
}

/** Which of a Secret's fields is broken, in words; undefined when it can be used. Without `now` one that has ended will do: it is to be renewed. */
export function faultOf({ authority, trusted, serving }: Certificates, now?: number): string | undefined {
  try {
    if (!hasKey(authority)) return "ca.key is not that of ca.crt";
    if (!hasKey(serving)) return "tls.key is not that of tls.crt";
    if (!trusted.some((authority) => isOf(serving.certificate, authority))) return "tls.crt is not of the authority in ca.crt";
    if (now !== undefined && isOver(serving.certificate, now))
      return `tls.crt ended on ${new X509Certificate(serving.certificate).validTo}`;
    return undefined;
  } catch (error) {
    return `a certificate cannot be read: ${(error as Error).message}`;
  }
}

const hasKey = ({ certificate, key }: Authority): boolean => new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));

const isOf = (certificate: string, authority: string): boolean =>
  new X509Certificate(certificate).verify(new X509Certificate(authority).publicKey);

function isOld(certificate: string, now: number): boolean {
  const { from, to } = lifeOf(certificate);
  return now > from + (2 / 3) * (to - from);
}

const isOver = (certificate: string, now: number): boolean => now > lifeOf(certificate).to;

const isFor = (certificate: string, names: readonly string[]): boolean => {
  const read = new X509Certificate(certificate);
  return names.every((name) => read.checkHost(name) !== undefined);
};

function lifeOf(certificate: string): { from: number; to: number } {
  const { validFrom, validTo } = new X509Certificate(certificate);
  return { from: Date.parse(validFrom), to: Date.parse(validTo) };
}
