import { type Certificates, faultOf, renewed } from "../certificates/certificates.ts";
import { type Foreign, foreignIn } from "../certificates/foreign.ts";
import { certificatesOf } from "../certificates/secret-data.ts";
import { databaseNames } from "../desired/encryption.ts";
import type { System } from "../system.ts";

/** Until then every pod has the new authority: a kubelet brings it within two minutes, and a node may be cut off for hours. */
const trustedFirstMs = 24 * 3_600_000;

/** What the members of a system serve with and clients trust: ours to keep, or somebody else's. Neither, where somebody else runs the database. */
export interface DatabaseCertificates {
  readonly ours?: Certificates | undefined;
  readonly foreign?: Foreign;
}

/** As the Secret holds them, which `read` tells; ours are made where they are missing and renewed in time. */
export async function databaseCertificates(
  system: System,
  read: () => Promise<{ readonly [key: string]: string } | undefined>,
  now: Date,
): Promise<DatabaseCertificates> {
  if (system.spec.postgres.backend === "external") return {};
  const data = await read();
  const foreign = foreignIn(data);
  if (foreign) return { foreign };
  const found = data && certificatesOf(data);
  const have = found && faultOf(found) === undefined ? found : undefined;
  if (system.spec.paused) return { ours: have };
  return { ours: await renewed(have, { names: databaseNames(system), now: now.getTime(), trustedFirstMs }) };
}
