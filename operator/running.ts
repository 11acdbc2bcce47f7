import { shardsAnnotation } from "./desired/deployment.ts";
import { nameOf } from "./desired/names.ts";
import { poolPart } from "./desired/worker-pool.ts";
import type { Objects } from "./objects.ts";
import type { System } from "./system.ts";

/** What the processes that run were made from. */
export interface Running {
  readonly image: string;
  /** How many they know. */
  readonly shards: number;
}

/** Undefined: none do. Any of the processes knows it; somebody may have deleted one or the other by hand. */
export function runningIn(system: System, objects: Objects): Running | undefined {
  const parts = ["api", "dispatcher", ...system.spec.workers.map(poolPart)];
  for (const part of parts) {
    const found = objects.get("Deployment", nameOf(system, part));
    const image = found?.spec?.template.spec?.containers[0]?.image;
    if (image !== undefined) return { image, shards: Number(found?.metadata.annotations?.[shardsAnnotation] ?? 1) };
  }
  return undefined;
}
