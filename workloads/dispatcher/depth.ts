import type { Queue } from "../payment/operation.ts";
import type { QueueDepth } from "../store/queue-state.ts";
import type { Store, UnknownOperations } from "../store/store.ts";
import type { Drain } from "./drain.ts";

/** What was counted on one shard. `at`: when, in milliseconds since 1970. */
export type ShardCount = { readonly at: number; readonly depths: readonly QueueDepth[]; readonly unknown: readonly UnknownOperations[] };

/** Counts what waits and is in flight, in Postgres: one truth for all pods, also when Redis has lost everything. */
export async function countDepth(queues: readonly Queue[], { store, drain }: { store: Store; drain: Drain }): Promise<ShardCount> {
  const at = Date.now();
  const depths = await store.queueDepths(queues);
  const done = await store.doneByQueue();
  for (const { queue, depth, oldestSeconds } of depths) {
    const drainedPerSecond = drain.perSecond(queue, done.get(queue) ?? 0, depth);
    await store.saveQueueState({ queue, depth, oldestSeconds, drainedPerSecond });
  }
  return { at, depths, unknown: await store.unknownOperations(queues) };
}
