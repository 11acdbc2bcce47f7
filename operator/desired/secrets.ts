import type { V1Secret } from "@kubernetes/client-node";
import { dataOf } from "../certificates/secret-data.ts";
import type { Credentials } from "../credentials.ts";
import type { System } from "../system.ts";
import { certificatesPart } from "./encryption.ts";
import type { Given } from "./given.ts";
import { keptMetadataOf, metadataOf } from "./names.ts";

/** Part of a name by the credentials that it holds: people read `shop-credentials`, the others are for processes. */
export const secretParts = {
  keys: "credentials",
  postgres: "postgres",
  redis: "redis",
  events: "provider-events",
} as const satisfies Record<keyof Credentials, string>;

/** One for people, one for each server, one for what providers tell, one for what encrypts. They outlive their system, as the volumes do whose passwords they hold, unless it says otherwise. */
export function secrets({ system, credentials, certificates }: Pick<Given, "system" | "credentials" | "certificates">): V1Secret[] {
  return [
    secret(system, secretParts.keys, credentials.keys),
    secret(system, secretParts.postgres, credentials.postgres),
    secret(system, secretParts.redis, credentials.redis),
    secret(system, secretParts.events, credentials.events),
    ...(certificates ? [{ ...secretOf(system, certificatesPart, dataOf(certificates)), type: "kubernetes.io/tls" }] : []),
  ];
}

function secret(system: System, part: string, values: { readonly [key: string]: string }): V1Secret {
  const data = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("base64")]));
  return secretOf(system, part, data);
}

function secretOf(system: System, part: string, data: { [key: string]: string }): V1Secret {
  const metadata = system.spec.deletionPolicy === "Delete" ? metadataOf(system, part) : keptMetadataOf(system, part);
  return { apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", data };
}
