import type { Found } from "./system.ts";

/** How many pods each pool of workers may have, as the API server has it: it has checked them, and filled in what was left out. */
export function poolsOf(systems: readonly Found[]): { namespace: string; system: string; pool: string; maxReplicas: number }[] {
  return systems.flatMap(({ metadata: { namespace = "", name }, spec }) =>
    (spec as { workers: { name: string; replicas: { max: number } }[] }).workers.map((pool) => ({
      namespace,
      system: name,
      pool: pool.name,
      maxReplicas: pool.replicas.max,
    })),
  );
}
