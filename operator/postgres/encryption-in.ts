import { type Encryption, encryptsAnnotation } from "../desired/encryption.ts";
import { shardOf } from "../desired/shards.ts";
import { label } from "../labels.ts";
import type { Objects } from "../objects.ts";

/** How far a system has come, by the pods that are there: what everybody can do is asked of everybody. */
export function encryptionIn(objects: Objects): Encryption {
  const without = objects
    .list("Pod")
    .filter(({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed")
    .filter(({ metadata }) => metadata.annotations?.[encryptsAnnotation] === undefined)
    .map(({ metadata }) => metadata.labels?.[label.component] ?? "");
  if (without.some((part) => shardOf(part) !== undefined)) return "offered";
  return without.some((part) => clients.test(part)) ? "verified" : "required";
}

const clients = /^(api|dispatcher|migrate|worker-.+)$/;
