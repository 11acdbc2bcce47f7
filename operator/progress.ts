import type { Given, Images } from "./desired/given.ts";
import type { Progress } from "./desired/index.ts";
import type { Observed } from "./observe.ts";
import { encryptionIn } from "./postgres/encryption-in.ts";
import { runningIn } from "./running.ts";
import { databaseReady } from "./status/checks.ts";
import { hasEnded } from "./status/has-ended.ts";
import type { System } from "./system.ts";

/** What a system's objects are made from; undefined while a Secret that it names is not fit to use. */
export function givenFrom(system: System, observed: Observed, images: Images): Given | undefined {
  const { credentials, certificates, externals, scaling, objects } = observed;
  if ("state" in externals) return undefined;
  const { image, postgres, redis } = system.spec;
  const chosen = { workloads: image ?? images.workloads, postgres: postgres.image ?? images.postgres, redis: redis.image ?? images.redis };
  const encryption = encryptionIn(objects);
  return { system, images: chosen, credentials, certificates: certificates.ours, encryption, externals, scaling, shards: postgres.shards };
}

export function progressIn(system: System, observed: Observed): Progress {
  const { objects } = observed;
  return {
    databaseReady: databaseReady({ system, observed }).state === "well",
    migration(name) {
      const job = objects.get("Job", name);
      return job === undefined ? "none" : hasEnded(job, "Complete") ? "done" : "begun";
    },
    running: runningIn(system, objects),
  };
}
