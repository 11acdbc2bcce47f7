import { createPrivateKey, X509Certificate } from "node:crypto";
import { pemsIn } from "./secret-data.ts";

/** What somebody else has made and renews, as a Secret holds it, in PEM. */
export interface Foreign {
  /** Whom callers trust. */
  readonly authorities: readonly string[];
  /** The server's certificate, and those between it and an authority. */
  readonly chain: readonly string[];
  readonly key: string;
}

/** Whole, and of an authority whose key is not beside it: whoever has that key makes the next. Undefined: it is ours, or of no use to anybody. */
export function foreignIn(data: { readonly [key: string]: string } = {}): Foreign | undefined {
  const field = (key: string): string => Buffer.from(data[key] ?? "", "base64").toString();
  if (!field("ca.crt") || !field("tls.crt") || !field("tls.key")) return undefined;
  const foreign = { authorities: pemsIn(field("ca.crt")), chain: pemsIn(field("tls.crt")), key: field("tls.key") };
  if (!field("ca.key")) return foreign;
  try {
    const isOurs = new X509Certificate(field("ca.crt")).checkPrivateKey(createPrivateKey(field("ca.key")));
    return isOurs ? undefined : foreign;
  } catch {
    return undefined;
  }
}

/** A `fault`, and who refuses it for that: the server when it starts, or whoever connects to it. Or, where there is none, when it `ends`. */
export type Verdict =
  | { readonly fault: string; readonly refusedBy: "server" | "callers" }
  | { readonly ends: Date; readonly endsSoon: boolean };

/** As TLS judges a server that is called by these names. It ends soon once two thirds of its time are over: by then we would have renewed ours. */
export function verdictOn(foreign: Foreign, { names, now }: { names: readonly string[]; now: Date }): Verdict {
  const served = read("tls.crt", foreign.chain);
  if ("fault" in served) return { ...served, refusedBy: "server" };
  const [server, ...between] = served.certificates;
  if (!isKeyOf(server, foreign.key)) return { fault: "tls.key is not the key of tls.crt", refusedBy: "server" };
  const trusted = read("ca.crt", foreign.authorities);
  if ("fault" in trusted) return { ...trusted, refusedBy: "callers" };

  const path = pathFrom(server, { between, trusted: trusted.certificates });
  if (!path) return { fault: `tls.crt, issued by ${oneLine(server.issuer)}, leads to no authority in ca.crt`, refusedBy: "callers" };
  const fileOf = (one: X509Certificate) => (served.certificates.includes(one) ? "tls.crt" : `${oneLine(one.subject)} in ca.crt`);
  const ended = path.find((one) => now > endOf(one));
  if (ended) return { fault: `${fileOf(ended)} ended on ${endOf(ended).toISOString()}`, refusedBy: "callers" };
  const early = path.find((one) => now < beginOf(one));
  if (early) return { fault: `${fileOf(early)} does not begin before ${beginOf(early).toISOString()}`, refusedBy: "callers" };
  const missing = names.filter((name) => server.checkHost(name) === undefined);
  if (missing.length > 0) return { fault: `tls.crt is not for ${missing.join(", ")}`, refusedBy: "callers" };

  const begin = beginOf(server).getTime();
  const ends = new Date(Math.min(...path.map((one) => endOf(one).getTime())));
  return { ends, endsSoon: now.getTime() > begin + (2 / 3) * (ends.getTime() - begin) };
}

function read(file: string, pems: readonly string[]): { certificates: [X509Certificate, ...X509Certificate[]] } | { fault: string } {
  try {
    const [first, ...others] = pems.map((pem) => new X509Certificate(pem));
    return first ? { certificates: [first, ...others] } : { fault: `${file} holds no certificate in PEM` };
  } catch (error) {
    return { fault: `${file} cannot be read: ${(error as Error).message}` };
  }
}

function isKeyOf(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false; // it is no key
  }
}

/** By which a caller comes from the server's to one that he trusts and that signed itself, as OpenSSL wants it; of two that would do, the one that ends last. */
function pathFrom(
  server: X509Certificate,
  { between, trusted }: { between: readonly X509Certificate[]; trusted: readonly X509Certificate[] },
): X509Certificate[] | undefined {
  const issuers = [...trusted.toSorted((one, other) => endOf(other).getTime() - endOf(one).getTime()), ...between];
  const path = [server];
  for (let last = server; !last.verify(last.publicKey); ) {
    const next = issuers.find((one) => !path.includes(one) && last.checkIssued(one) && last.verify(one.publicKey));
    if (!next) return undefined;
    path.push(next);
    last = next;
  }
  const root = path.at(-1)!.fingerprint256;
  return trusted.some(({ fingerprint256 }) => fingerprint256 === root) ? path : undefined;
}

const beginOf = ({ validFrom }: X509Certificate): Date => new Date(validFrom);
const endOf = ({ validTo }: X509Certificate): Date => new Date(validTo);
const oneLine = (name: string): string => name.replaceAll("\n", ", ");
