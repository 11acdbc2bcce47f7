import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";

/** PEM. */
export type Authority = { readonly certificate: string; readonly key: string };
export type Made = { readonly authority: Authority; readonly serving: { readonly certificate: string; readonly key: string } };

/** What the Secret holds: what is served now, and every authority that callers must trust meanwhile, the newest first. */
export type Certificates = Made & { readonly trusted: readonly string[] };

export type Days = { readonly authority: number; readonly serving: number };
export const usualDays: Days = { authority: 3650, serving: 365 };

/**
 * The certificates to go on with: these, while two thirds of their time are not over, or new ones. The authority before stays trusted,
 * so that no caller meets a certificate that it cannot check: tell callers what is `trusted` first, and serve the new one then.
 */
export async function renewed(
  have: Certificates | undefined,
  { names, now, days = usualDays }: { names: readonly string[]; now: number; days?: Days | undefined },
): Promise<Certificates> {
  if (!have || isOld(have.authority.certificate, now)) {
    const made = await make(names, days);
    const before = have?.trusted.filter((certificate) => !isOver(certificate, now)).slice(0, 1) ?? [];
    return { ...made, trusted: [made.authority.certificate, ...before] };
  }
  if (!isOld(have.serving.certificate, now) && isFor(have.serving.certificate, names)) {
    const trusted = have.trusted.filter((certificate) => !isOver(certificate, now));
    return trusted.length === have.trusted.length ? have : { ...have, trusted };
  }
  return { ...(await make(names, days, have.authority)), trusted: have.trusted };
}

/** Which of a Secret's fields is broken, in words; undefined when it can be used. Without `now` one that has ended will do: it is to be renewed. */
export function faultOf({ authority, serving }: Made, now?: number): string | undefined {
  try {
    const [issuer, certificate] = [new X509Certificate(authority.certificate), new X509Certificate(serving.certificate)];
    if (!certificate.verify(issuer.publicKey)) return "tls.crt is not of the authority in ca.crt";
    if (now !== undefined && isOver(serving.certificate, now)) return `tls.crt ended on ${certificate.validTo}`;
    return undefined;
  } catch (error) {
    return `a certificate cannot be read: ${(error as Error).message}`;
  }
}

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

function make(names: readonly string[], days: Days, authority?: Authority): Promise<Made> {
  const program = join(import.meta.dirname, "make-certificates.ts");
  return new Promise((resolve, reject) => {
    const args = [program, names.join(","), String(days.authority), String(days.serving)];
    const child = execFile(process.execPath, args, { timeout: 60_000, maxBuffer: 1024 * 1024 }, (error, stdout) =>
      error ? reject(new Error(`no certificate could be made: ${error.message}`, { cause: error })) : resolve(JSON.parse(stdout)),
    );
    child.stdin!.end(authority ? JSON.stringify(authority) : "");
  });
}
