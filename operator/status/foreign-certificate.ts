import { verdictOn } from "../certificates/foreign.ts";
import { calledNames, certificatesPart } from "../desired/encryption.ts";
import { nameOf } from "../desired/names.ts";
import { type Finding, failing, well } from "./finding.ts";
import type { Known } from "./known.ts";

export const endsSoonReason = "CertificateEndsSoon";

/** What is to be told of a certificate of managed Postgres that the user has put there himself; undefined: nothing, or it is ours. */
export function foreignCertificate({ system, observed }: Pick<Known, "system" | "observed">): Finding | undefined {
  const { foreign } = observed.certificates;
  if (!foreign) return undefined;
  const verdict = verdictOn(foreign, { names: calledNames(system), now: observed.at });
  const secret = `Secret ${nameOf(system, certificatesPart)}`;
  const wayOut =
    "put ca.crt, tls.crt and tls.key there that fit, and no restart is needed; or delete it, and the operator makes one and renews it";
  if ("fault" in verdict)
    return failing(
      "CertificateInvalid",
      `${secret} is not ours to renew, and ${verdict.fault}, so ${effects[verdict.refusedBy]}: ${wayOut}`,
    );
  if (!verdict.endsSoon) return undefined;
  return well(endsSoonReason, `${secret} is not ours to renew, and what is in it ends on ${verdict.ends.toISOString()}: ${wayOut}`);
}

const effects = {
  server: "no member of Postgres can start",
  callers: "nobody can connect to Postgres anew",
} as const;
