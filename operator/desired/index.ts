import type { Intent } from "../kube/kube.ts";
import { api } from "./api.ts";
import { dispatcher } from "./dispatcher.ts";
import type { Given } from "./given.ts";
import { migration, migrationAccount } from "./migration.ts";
import { networkPolicies } from "./network-policies.ts";
import { postgres } from "./postgres.ts";
import { redis } from "./redis.ts";
import { secrets } from "./secrets.ts";
import { simulator } from "./simulator.ts";
import { workerPool } from "./worker-pool.ts";

/** How far the system has come: what must be so before the next may be. */
export interface Progress {
  readonly databaseReady: boolean;
  /** What became of the migration of that name. */
  readonly migration: (job: string) => "none" | "begun" | "done";
  /** What the workloads that run were made from; undefined: none do. */
  readonly running: { readonly image: string; readonly shards: number } | undefined;
}

/**
 * Every object that there is to be now, in the order in which they are made. Every shard is brought to an image's version before any process of it starts, or
 * hears of a shard; meanwhile those of the image before it go on with the shards that they know, for a migration leaves them both.
 */
export function desiredState(given: Given, { databaseReady, migration: progressOf, running }: Progress): Intent[] {
  const { system, images } = given;
  const job = migration(given);
  const migrated = progressOf(job.metadata!.name!);
  const workloads = migrated === "done" ? { image: images.workloads, shards: given.shards } : running;
  const at = ({ image, shards }: NonNullable<Progress["running"]>): Given => ({
    ...given,
    images: { ...images, workloads: image },
    shards,
  });
  return [
    ...secrets(given),
    ...networkPolicies(system),
    ...postgres(given),
    ...redis(given),
    migrationAccount(given),
    ...(databaseReady || migrated !== "none" ? [job] : []),
    ...(workloads ? processes(at(workloads)) : []),
  ];
}

const processes = (given: Given): Intent[] => [
  ...simulator(given),
  ...api(given),
  ...dispatcher(given),
  ...given.system.spec.workers.flatMap((pool) => workerPool(given, pool)),
];
