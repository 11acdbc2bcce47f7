import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export type WorkqueueMetrics = ReturnType<typeof workqueueMetrics>;

/** Under client-go's names, so that dashboards made for other operators show ours. Once a registry; queues share them by `name`. */
export function workqueueMetrics(registry: Registry) {
  const about = { labelNames: ["name"] as const, registers: [registry] };
  const buckets = [1e-3, 1e-2, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300];
  return {
    depth: new Gauge({ name: "workqueue_depth", help: "Keys that wait to be taken.", ...about }),
    adds: new Counter({ name: "workqueue_adds_total", help: "Keys added; a key that waits already is not counted again.", ...about }),
    waited: new Histogram({ name: "workqueue_queue_duration_seconds", help: "How long a key waited to be taken.", buckets, ...about }),
    worked: new Histogram({ name: "workqueue_work_duration_seconds", help: "How long a key was worked on.", buckets, ...about }),
    retries: new Counter({ name: "workqueue_retries_total", help: "Failures that are tried again.", ...about }),
    refused: new Counter({ name: "workqueue_refused_total", help: "Keys that did not fit into the queue.", ...about }),
  };
}
