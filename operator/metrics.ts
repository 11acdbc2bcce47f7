import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { workqueueMetrics } from "./kube/workqueue-metrics.ts";

export type OperatorMetrics = ReturnType<typeof operatorMetrics>;

interface Watched {
  stalenessSeconds(): number;
  /** How many PaymentSystems there are. */
  systems(): number;
  /** How many pods each pool of workers may have. */
  pools(): Iterable<{ namespace: string; system: string; pool: string; maxReplicas: number }>;
}

/** `watched` is asked when the metrics are read. */
export function operatorMetrics(watched: Watched) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    workqueue: workqueueMetrics(registry),
    reconcileDuration: new Histogram({
      name: "reconcile_duration_seconds",
      help: "How long a pass over one system took.",
      labelNames: ["outcome"] as const,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    applies: new Counter({
      name: "satang_operator_applies_total",
      help: "What was asked of the API server; unchanged: it was so already, which should be rare.",
      labelNames: ["result"] as const,
      registers,
    }),
    answers: new Counter({
      name: "satang_operator_api_answers_total",
      help: "Answers of the API server by HTTP status; 0: none came.",
      labelNames: ["method", "code"] as const,
      registers,
    }),
    staleness: new Gauge({
      name: "satang_operator_watch_staleness_seconds",
      help: "Since the API server last showed that what we know is so.",
      collect() {
        this.set(watched.stalenessSeconds());
      },
      registers,
    }),
    systems: new Gauge({
      name: "satang_operator_payment_systems",
      help: "PaymentSystems that there are.",
      collect() {
        this.set(watched.systems());
      },
      registers,
    }),
    poolMaxReplicas: new Gauge({
      name: "satang_pool_max_replicas",
      help: "How many pods a pool of workers may have.",
      labelNames: ["namespace", "system", "pool"] as const,
      collect() {
        this.reset(); // those of systems that are no more
        for (const { maxReplicas, ...pool } of watched.pools()) this.set(pool, maxReplicas);
      },
      registers,
    }),
    leads: new Gauge({ name: "satang_operator_leads", help: "1 while this process leads.", registers }),
  };
}
