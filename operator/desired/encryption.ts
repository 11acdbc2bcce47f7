import type { V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import type { System } from "../system.ts";
import { nameOf } from "./names.ts";
import { primaryPart, replicasPart, shardParts } from "./shards.ts";

/**
 * What is asked of a connection to managed Postgres. A system is made with `required`; one that ran without encryption comes to it on this way, so that no step
 * shuts out who has not been started anew: `offered` until each member can encrypt, `verified` (by whoever connects) until each process does.
 */
export type Encryption = "offered" | "verified" | "required";

/** On a pod that has what it needs: a member serves encrypted, a process connects so. */
export const encryptsAnnotation = "satang.dev/postgres-tls";
export const encrypts = { [encryptsAnnotation]: "true" };

/** What the members serve with and clients trust: of the Secret and of the folder where it is mounted. */
export const certificatesPart = "postgres-tls";
const mountPath = "/etc/satang/postgres-tls";
export const certificateFiles = { authorities: `${mountPath}/ca.crt`, certificate: `${mountPath}/tls.crt`, key: `${mountPath}/tls.key` };

/** Names that clients may call the replica sets of a system by. */
export const databaseNames = (system: System): string[] =>
  shardParts(system).flatMap((part) =>
    [primaryPart(part), replicasPart(part)].flatMap((service) => {
      const name = nameOf(system, service);
      return [name, `${name}.${system.metadata.namespace}`, `${name}.${system.metadata.namespace}.svc`];
    }),
  );

/** Those that our processes call them by, and so check. */
export function calledNames(system: System): string[] {
  const services = system.spec.postgres.instances > 1 ? [primaryPart, replicasPart] : [primaryPart];
  return shardParts(system).flatMap((part) => services.map((service) => nameOf(system, service(part))));
}

/** Some files of the Secret in a pod. They are those of the Secret as it is now, a minute late. The authority's key is for no pod. */
export function certificatesIn(system: System, ...files: ("ca.crt" | "tls.crt" | "tls.key")[]): { volume: V1Volume; mount: V1VolumeMount } {
  const items = files.map((file) => ({ key: file, path: file }));
  return {
    volume: { name: certificatesPart, secret: { secretName: nameOf(system, certificatesPart), items, defaultMode: 0o440 } },
    mount: { name: certificatesPart, mountPath, readOnly: true },
  };
}
