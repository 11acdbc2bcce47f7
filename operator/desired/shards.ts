import type { System } from "../system.ts";

/** A part of the system for each of its shards, by number: the replica set that holds it, and what belongs to that. None where somebody else runs the database. */
export function shardParts({ spec: { postgres } }: Pick<System, "spec">): string[] {
  if (postgres.backend === "external") return [];
  return Array.from({ length: postgres.shards }, (_, shard) => shardPart(shard));
}

/** The first keeps the name that it had when there could be no other: nothing that runs changes when a second comes. */
export const shardPart = (shard: number): string => (shard === 0 ? "postgres" : `shard-${shard}`);

/** The number of the shard that a part is; undefined: it is none. */
export function shardOf(part: string | undefined): number | undefined {
  if (part === shardPart(0)) return 0;
  const [, number] = /^shard-([1-9]\d*)$/.exec(part ?? "") ?? [];
  return number === undefined ? undefined : Number(number);
}

/** Services of a replica set: the one that takes writes, and those that do not. */
export const primaryPart = (part: string): string => `${part}-primary`;
export const replicasPart = (part: string): string => `${part}-replicas`;
/** What its members share, and does not change while they run. */
export const settingsPart = (part: string): string => `${part}-settings`;
