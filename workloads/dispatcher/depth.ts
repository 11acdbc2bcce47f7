import type { Queue } from "../payment/operation.ts";
import type { Store } from "../store/store.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Drain } from "./drain.ts";

/** What an autoscaler is told: `at` is when it was counted, so that a reader can refuse a stale answer. */
export type DepthReport = { readonly at: string; readonly queues: { readonly [queue: string]: { depth: number; oldestSeconds: number } } };

export type DepthDeps = { readonly store: Store; readonly metrics: Metrics; readonly drain: Drain };

/** Counts what waits and is in flight, in Postgres: one truth for all pods, also when Redis has lost everything. */
export async function countDepth(queues: readonly Queue[], { store, metrics, drain }: DepthDeps): Promise<DepthReport> {
  const at = new Date().toISOString();
  const depths = await store.queueDepths(queues);
  const done = await store.doneByQueue();
  for (const { queue, depth, oldestSeconds } of depths) {
    const drainedPerSecond = drain.perSecond(queue, done.get(queue) ?? 0, depth);
    await store.saveQueueState({ queue, depth, oldestSeconds, drainedPerSecond });
  }
  for (const { queue, depth, oldestSeconds } of depths) {
    metrics.queueDepth.set({ queue }, depth);
    metrics.queueOldest.set({ queue }, oldestSeconds);
  }
  metrics.unknownOperations.reset();
  metrics.unknownOldest.reset();
  for (const { provider, count, oldestSeconds } of await store.unknownOperations(queues)) {
    metrics.unknownOperations.set({ provider }, count);
    metrics.unknownOldest.set({ provider }, oldestSeconds);
  }
  return { at, queues: Object.fromEntries(depths.map(({ queue, depth, oldestSeconds }) => [queue, { depth, oldestSeconds }])) };
}
