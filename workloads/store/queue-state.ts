import type pg from "pg";
import type { Queue } from "../payment/operation.ts";

/** How much of a queue waits or is in flight (not what waits for a later retry), and since when the oldest of it. */
export type QueueDepth = { readonly queue: Queue; readonly depth: number; readonly oldestSeconds: number };

/** What the dispatcher has last counted of a queue, for all who must judge how long a wait is. */
export type QueueState = QueueDepth & {
  /** Operations that workers have done a second, lately. */
  readonly drainedPerSecond: number;
  /** How old this is, by the database's clock. */
  readonly ageSeconds: number;
};

/** How fast queues drain: workers add up what they have done, the dispatcher makes a rate of it, and every API reads that. */
export interface QueueStates {
  /** Adds to what this worker has done in a queue since it began. */
  addDone(worker: string, queue: Queue, done: number): Promise<void>;
  /** What all workers have ever done, by queue. It may shrink when workers that are long gone are forgotten. */
  doneByQueue(): Promise<ReadonlyMap<Queue, number>>;
  saveQueueState(state: Omit<QueueState, "ageSeconds">): Promise<void>;
  queueStates(): Promise<QueueState[]>;
}

type Query = <Row extends pg.QueryResultRow>(statement: { name: string; text: string }, values: unknown[]) => Promise<Row[]>;

export function queueStates(query: Query): QueueStates {
  return {
    async addDone(worker, queue, done) {
      await query(addDone, [queue, worker, done]);
    },
    async doneByQueue() {
      const rows = await query<{ queue: Queue; done: number }>(doneByQueue, []);
      return new Map(rows.map(({ queue, done }) => [queue, done]));
    },
    async saveQueueState({ queue, depth, oldestSeconds, drainedPerSecond }) {
      await query(saveQueueState, [queue, depth, oldestSeconds, drainedPerSecond]);
    },
    queueStates: () => query<QueueState>(readQueueStates, []),
  };
}

const addDone = {
  name: "add_done",
  text: `
insert into satang.queue_progress as p (queue, worker, done) values ($1, $2, $3)
on conflict (queue, worker) do update set done = p.done + excluded.done, seen_at = now()`,
};

// Workers come and go with every roll-out: what one of them did is forgotten an hour after its last word.
const doneByQueue = {
  name: "done_by_queue",
  text: `
with gone as (delete from satang.queue_progress where seen_at < now() - interval '1 hour')
select queue, sum(done)::bigint as done from satang.queue_progress where seen_at >= now() - interval '1 hour' group by queue`,
};

const saveQueueState = {
  name: "save_queue_state",
  text: `
insert into satang.queue_states as s (queue, depth, oldest_seconds, drained_per_second) values ($1, $2, $3, $4)
on conflict (queue) do update set depth = excluded.depth, oldest_seconds = excluded.oldest_seconds,
  drained_per_second = excluded.drained_per_second, counted_at = now()`,
};

const readQueueStates = {
  name: "queue_states",
  text: `
select queue, depth, oldest_seconds as "oldestSeconds", drained_per_second as "drainedPerSecond",
  extract(epoch from now() - counted_at)::float8 as "ageSeconds" from satang.queue_states`,
};
