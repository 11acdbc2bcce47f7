import type { Given, Images } from "./desired/given.ts";
import type { Progress } from "./desired/index.ts";
import { nameOf } from "./desired/names.ts";
import { poolPart } from "./desired/worker-pool.ts";
import type { Observed } from "./observe.ts";
import { databaseReady } from "./status/checks.ts";
import { hasEnded } from "./status/has-ended.ts";
import type { System } from "./system.ts";

/** What a system's objects are made from; undefined while a Secret that it names is not fit to use. */
export function givenFrom(system: System, observed: Observed, images: Images): Given | undefined {
  const { credentials, externals, scaling } = observed;
  if ("state" in externals) return undefined;
  const { image, postgres, redis } = system.spec;
  const chosen = { workloads: image ?? images.workloads, postgres: postgres.image ?? images.postgres, redis: redis.image ?? images.redis };
  return { system, images: chosen, credentials, externals, scaling };
}

export function progressIn(system: System, observed: Observed): Progress {
  const { objects } = observed;
  return {
    databaseReady: databaseReady({ system, observed }).state === "well",
    migration(name) {
      const job = objects.get("Job", name);
      return job === undefined ? "none" : hasEnded(job, "Complete") ? "done" : "begun";
    },
    runningImage: runningImage(system, observed),
  };
}

/** Any of the processes knows it; somebody may have deleted one or the other by hand. */
function runningImage(system: System, { objects }: Observed): string | undefined {
  const parts = ["api", "dispatcher", ...system.spec.workers.map(poolPart)];
  const images = parts.map((part) => objects.get("Deployment", nameOf(system, part))?.spec?.template.spec?.containers[0]?.image);
  return images.find((image) => image !== undefined);
}
