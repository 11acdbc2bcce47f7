import type { PaymentSystem, WorkerPool } from "../../crds/payment-system.ts";
import { defaultMaxConnections } from "../desired/patroni.ts";
import type { Bounds, Scaling } from "./scaling.ts";

/** Of one process; what contract.ts gives as the default of DATABASE_POOL, and what the API and the dispatcher open beside it. */
const connectionsOf = { worker: 8, api: 8 + 4, dispatcher: 8 + 1 } as const;
/** For Patroni, standbys, a migration and whoever must look when all others are taken. */
const reserved = 15;

/** Between how many pods a pool is scaled. */
export function poolBounds(system: Pick<PaymentSystem, "spec">, pool: WorkerPool, { backend, allowsZero }: Scaling): Bounds {
  const { min, max } = pool.replicas;
  const fewest = backend === "external-metrics" && !allowsZero ? Math.max(1, min) : min;
  return { min: fewest, max: Math.max(fewest, 1, Math.min(max, mostPods(system, pool))) };
}

/**
 * The most pods of a pool for which a managed Postgres has connections while the API has its most: pools share what is left as their `max` stand
 * to each other. No bound where somebody else runs the database.
 */
export function mostPods({ spec: { postgres, api, workers } }: Pick<PaymentSystem, "spec">, { replicas: { max } }: WorkerPool): number {
  if (postgres.backend === "external") return Number.POSITIVE_INFINITY;
  const all = Number(postgres.parameters.max_connections ?? defaultMaxConnections);
  const left = all - reserved - connectionsOf.dispatcher - api.replicas.max * connectionsOf.api;
  const wanted = workers.reduce((sum, pool) => sum + pool.replicas.max, 0);
  return Math.max(1, Math.floor((left / connectionsOf.worker) * (max / wanted)));
}
