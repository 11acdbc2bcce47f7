import { createPrivateKey, X509Certificate } from "node:crypto";
import { type Certificates, faultOf, renewed } from "../certificates/certificates.ts";
import { certificatesOf } from "../certificates/secret-data.ts";
import { databaseNames } from "../desired/encryption.ts";
import type { System } from "../system.ts";

/** Until then every pod has the new authority: a kubelet brings it within two minutes, and a node may be cut off for hours. */
const trustedFirstMs = 24 * 3_600_000;

/**
 * What the members of a system serve with and clients trust, made where it is missing and renewed in time; `read` tells what its Secret holds. `undefined`: none
 * is ours to keep, for somebody else has put his own there, or runs the database.
 */
export async function databaseCertificates(
  system: System,
  read: () => Promise<SecretData | undefined>,
  now: Date,
): Promise<Certificates | undefined> {
  if (system.spec.postgres.backend === "external") return undefined;
  const data = await read();
  if (isOfOthers(data)) return undefined;
  const found = data && certificatesOf(data);
  const have = found && faultOf(found) === undefined ? found : undefined;
  if (system.spec.paused) return have;
  return renewed(have, { names: databaseNames(system), now: now.getTime(), trustedFirstMs });
}

type SecretData = { readonly [key: string]: string };

/** Whole, and of an authority whose key is not beside it: whoever has that key makes the next. */
function isOfOthers(data: SecretData = {}): boolean {
  const field = (key: string): string => Buffer.from(data[key] ?? "", "base64").toString();
  if (!field("ca.crt") || !field("tls.crt") || !field("tls.key")) return false;
  if (!field("ca.key")) return true;
  try {
    return !new X509Certificate(field("ca.crt")).checkPrivateKey(createPrivateKey(field("ca.key")));
  } catch {
    return false; // of no use to anybody: it is made anew
  }
}
