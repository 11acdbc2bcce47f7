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
  /** Image of the workloads that run; undefined: none do. */
  readonly runningImage: string | undefined;
}

/**
 * Every object that there is to be now, in the order in which they are made. The database is brought to an image's version before any process of it
 * starts; meanwhile those of the image before it go on, for a migration leaves them what they know.
 */
export function desiredState(given: Given, { databaseReady, migration: progressOf, runningImage }: Progress): Intent[] {
  const { system, images } = given;
  const job = migration(given);
  const migrated = progressOf(job.metadata!.name!);
  const workloads = migrated === "done" ? images.workloads : runningImage;
  const at = (image: string): Given => ({ ...given, images: { ...images, workloads: image } });
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
