import { nameOf } from "../desired/names.ts";
import { shardOf } from "../desired/shards.ts";
import { label } from "../labels.ts";
import type { Objects } from "../objects.ts";
import type { System } from "../system.ts";

/**
 * Why a system may not have as few shards as it says: volumes of more are there. The API server refuses fewer, but not of a resource that was deleted and
 * is made anew; merchants who live there would all be refused. `undefined`: it may.
 */
export function lostShards(system: System, objects: Objects): string | undefined {
  const { backend, shards } = system.spec.postgres;
  if (backend === "external") return undefined;
  const volumes = objects.list("PersistentVolumeClaim").filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const numbers = volumes.map(({ metadata }) => shardOf(metadata.labels?.[label.component]) ?? 0);
  const there = Math.max(0, ...numbers) + 1;
  if (there <= shards) return undefined;
  const first = nameOf(system, `shard-${shards}`);
  return `spec.postgres.shards is ${shards}, and volumes of ${there} shards are there: payments on the others could not be reached; set it to ${there}, or, if no merchant was ever placed there, delete the volumes data-${first}-0 and on`;
}
