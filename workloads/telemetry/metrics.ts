import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { metrics as names } from "../contract.ts";

/** The metrics of one process, ready to be counted on. No label may hold an id of a merchant or a payment. */
export type Metrics = ReturnType<typeof processMetrics>;

/** Opens a registry with the process's own figures (memory, event loop, garbage collection) and those of Satang. */
export function processMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];

  const httpRequestDuration = new Histogram({
    name: names.httpRequestDuration,
    help: "How long a request took, from its headers to the last byte given to the socket.",
    labelNames: ["method", "route", "status_class"],
    buckets: latency,
    registers,
  });

  const ledgerImbalance = new Gauge({
    name: names.ledgerImbalance,
    help: "How far the books are off; anything but 0 is an alarm.",
    registers,
  });
  ledgerImbalance.remove(); // a process that has not looked must not say 0

  const redisMemory = new Gauge({
    name: names.redisMemory,
    help: "Part of the memory that Redis may use, as the dispatcher was last told by its master; at 1 it refuses what is new.",
    registers,
  });
  redisMemory.remove();

  return {
    registry,
    /** `route` is the pattern, never the path. */
    observeHttp(method: string, route: string, status: number, seconds: number): void {
      httpRequestDuration.observe({ method, route, status_class: `${Math.floor(status / 100)}xx` }, seconds);
    },
    idempotency: new Counter({
      name: names.idempotency,
      help: "Requests under an idempotency key, by what the key was: new, replay, reused.",
      labelNames: ["result"],
      registers,
    }),
    loadShed: new Counter({
      name: names.loadShed,
      help: "Requests refused at the door.",
      labelNames: ["class", "reason"],
      registers,
    }),
    queueDepth: new Gauge({
      name: names.queueDepth,
      help: "Open operations that wait or are in flight, not those that wait for a later retry.",
      labelNames: ["queue"],
      registers,
    }),
    queueOldest: new Gauge({
      name: names.queueOldest,
      help: "Age of the oldest operation that waits or is in flight.",
      labelNames: ["queue"],
      registers,
    }),
    operations: new Counter({
      name: names.operations,
      help: "Attempts at operations, by what came of them.",
      labelNames: ["kind", "provider", "outcome"],
      registers,
    }),
    operationDuration: new Histogram({
      name: names.operationDuration,
      help: "From accepted to its final state.",
      labelNames: ["kind"],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86_400],
      registers,
    }),
    unknownOperations: new Gauge({
      name: names.unknownOperations,
      help: "Operations of which nobody knows whether money moved.",
      labelNames: ["provider"],
      registers,
    }),
    unknownOldest: new Gauge({
      name: names.unknownOldest,
      help: "Age of the oldest unknown operation.",
      labelNames: ["provider"],
      registers,
    }),
    leaseLost: new Counter({
      name: names.leaseLost,
      help: "Results not written because another worker held the operation by then.",
      registers,
    }),
    reoffered: new Counter({
      name: names.reoffered,
      help: "Operations that the dispatcher offered again, by why.",
      labelNames: ["reason"],
      registers,
    }),
    batchRows: new Histogram({
      name: names.batchRows,
      help: "Rows that travelled together in one statement.",
      labelNames: ["statement"],
      buckets: [1, 2, 4, 8, 16, 32, 64, 128],
      registers,
    }),
    ledgerImbalance,
    redisMemory,
    shardReachable: new Gauge({
      name: names.shardReachable,
      help: "1 when the queues of a shard could be counted, as the dispatcher last tried; 0: what is open there is not in the depths.",
      labelNames: ["shard"],
      registers,
    }),
    replicaLag: new Gauge({
      name: names.replicaLag,
      help: "How far a replica was behind when it was last looked at, by its place in DATABASE_REPLICA_URLS.",
      labelNames: ["replica"],
      registers,
    }),
    providerRequestDuration: new Histogram({
      name: names.providerRequestDuration,
      help: "How long a provider took to answer, or we to give up.",
      labelNames: ["provider", "operation", "outcome"],
      buckets: latency,
      registers,
    }),
    providerBreakerState: new Gauge({
      name: names.providerBreakerState,
      help: "Circuit breaker of a provider: 0 closed, 1 half open, 2 open.",
      labelNames: ["provider"],
      registers,
    }),
    cacheRequests: new Counter({
      name: names.cacheRequests,
      help: "Reads that a cache could answer, by where they were looked for: process, redis, postgres.",
      labelNames: ["tier", "result"],
      registers,
    }),
    providerEvents: new Counter({
      name: names.providerEvents,
      help: "Events that providers sent: new, replay, or forged.",
      labelNames: ["provider", "result"],
      registers,
    }),
    webhookDeliveries: new Counter({
      name: names.webhookDeliveries,
      help: "Looks at deliveries to merchants, by what came of them.",
      labelNames: ["outcome"],
      registers,
    }),
    databaseOperationDuration: new Histogram({
      name: names.databaseOperationDuration,
      help: "How long a statement took, waiting for a connection included.",
      labelNames: ["statement", "outcome"],
      buckets: [0.0005, ...latency],
      registers,
    }),
  };
}

// Seconds. From a cached read to the longest wait that a client may ask for.
const latency = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
