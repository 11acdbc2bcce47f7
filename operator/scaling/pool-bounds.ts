import type { PaymentSystem, Provider, WorkerPool } from "../../crds/payment-system.ts";
import { defaultMaxConnections } from "../desired/patroni.ts";
import type { Bounds, Scaling } from "./scaling.ts";

/** DATABASE_POOL of each process. Of each statement few are on their way at once, for calls travel together, so more would only stand open. */
export const databasePool = { worker: 4, api: 6, dispatcher: 6 } as const;
/** Of one process to the primary: what the API and the dispatcher open beside it too. */
export const connectionsOf = { worker: databasePool.worker, api: databasePool.api + 4, dispatcher: databasePool.dispatcher + 1 } as const;
/** For Patroni, standbys, a migration and whoever must look when all others are taken. */
const reserved = 15;

/** Between how many pods a pool is scaled. */
export function poolBounds(system: Pick<PaymentSystem, "spec">, pool: WorkerPool, { backend, allowsZero }: Scaling): Bounds {
  const { min, max } = pool.replicas;
  const fewest = backend === "external-metrics" && !allowsZero ? Math.max(1, min) : min;
  return { min: fewest, max: Math.max(fewest, 1, Math.min(max, mostPods(system, pool).pods)) };
}

/** The most pods of a pool that are of any use, and in words why no more are. */
export function mostPods({ spec }: Pick<PaymentSystem, "spec">, pool: WorkerPool): { readonly pods: number; readonly because: string } {
  const database = {
    pods: connected(spec, pool),
    because: "Postgres has no connections for more: raise max_connections in spec.postgres.parameters, and its memory with it",
  };
  const [{ name, ratePerSecond }] = spec.providers as [Provider];
  const callsProvider = pool.queues.some((queue) => queue === "payments" || queue === "refunds");
  const provider = {
    pods:
      ratePerSecond === undefined || !callsProvider ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(ratePerSecond / pool.concurrency)),
    because: `provider ${name} allows ${ratePerSecond} calls a second: raise ratePerSecond in spec.providers if it allows more`,
  };
  return provider.pods < database.pods ? provider : database;
}

/**
 * For so many a managed Postgres has connections while the API has its most pods: pools share what is left as their `max` stand to each other. No bound
 * where somebody else runs the database.
 */
function connected({ postgres, api, workers }: PaymentSystem["spec"], { replicas: { max } }: WorkerPool): number {
  if (postgres.backend === "external") return Number.POSITIVE_INFINITY;
  const all = Number(postgres.parameters.max_connections ?? defaultMaxConnections);
  const left = all - reserved - connectionsOf.dispatcher - api.replicas.max * connectionsOf.api;
  const wanted = workers.reduce((sum, pool) => sum + pool.replicas.max, 0);
  return Math.max(1, Math.floor((left / connectionsOf.worker) * (max / wanted)));
}
