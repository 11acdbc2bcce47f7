import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from "cockatiel";
import type { OperationRef, Queue } from "../payment/operation.ts";
import { BullQueue } from "./bullmq.ts";
import { openImpatient } from "./connection.ts";
import { jobsOf } from "./hint.ts";
import { jobOptions, prefix } from "./queue-names.ts";

/**
 * Tells workers what to look at. A hint may be lost at any time and nothing is lost with it: the operation is due again after the
 * visibility. So no call here ever fails or waits longer than its budget.
 */
export interface Hints {
  /** Sends hints for a queue; false when they were not all taken. */
  send(queue: Queue, refs: readonly OperationRef[]): Promise<boolean>;
  /** Jobs that nobody has taken yet; undefined when Redis does not tell. */
  waiting(queue: Queue): Promise<number | undefined>;
  /** Whether Redis takes hints at the moment. */
  isUp(): boolean;
  close(): Promise<void>;
}

export type HintsOptions = {
  /** Not set: there is no Redis, every hint is refused at once, and workers find what is due by themselves. */
  redisUrl: string | undefined;
  queues: readonly Queue[];
  /** How long a send may take: it stands in the way of an answer to a merchant. */
  budgetMs: number;
  onStateChange?: (up: boolean) => void;
};

export function openHints({ redisUrl, queues, budgetMs, onStateChange = () => {} }: HintsOptions): Hints {
  if (!redisUrl) return noRedis;

  const connection = openImpatient(redisUrl, budgetMs);
  const streams = { events: { maxLen: 100 } }; // BullMQ keeps 10,000 otherwise, and nobody reads them
  const options = { connection, prefix, skipWaitingForReady: true, defaultJobOptions: jobOptions, streams };
  let opened: Map<Queue, BullQueue> | undefined;

  // BullMQ asks the server for its version when a queue is made, and a queue whose question failed never works again: so they are made
  // when the connection is there, and made anew when that came to nothing.
  async function bull(queue: Queue): Promise<BullQueue> {
    if (!opened) {
      if (connection.status !== "ready") throw new Error("there is no connection to Redis");
      const made = new Map(queues.map((name) => [name, quiet(new BullQueue(name, options))]));
      await Promise.all([...made.values()].map((one) => one.waitUntilReady()));
      opened ??= made;
    }
    return opened.get(queue)!;
  }

  // Three failures in a row: for two seconds nobody waits for Redis, and what is accepted meanwhile is due at once.
  const breaker = circuitBreaker(handleAll, { halfOpenAfter: 2_000, breaker: new ConsecutiveBreaker(3) });
  breaker.onBreak(() => onStateChange(false));
  breaker.onReset(() => onStateChange(true));

  // A full Redis still answers what only reads. After a refusal nothing is offered until it takes a write again.
  let refused = false;
  async function probed(open: BullQueue): Promise<BullQueue> {
    if (!refused) return open;
    await connection.set(`${prefix}:probe`, "1", "EX", 10);
    refused = false;
    return open;
  }

  return {
    async send(queue, refs) {
      try {
        const jobs = jobsOf(refs).map((data) => ({ name: "look", data }));
        await breaker.execute(() =>
          within(
            budgetMs,
            bull(queue).then((open) => open.addBulk(jobs)),
          ),
        );
        return true;
      } catch {
        refused = true;
        return false;
      }
    },
    async waiting(queue) {
      try {
        return await breaker.execute(() =>
          within(
            1_000,
            bull(queue)
              .then(probed)
              .then((open) => open.getWaitingCount()),
          ),
        );
      } catch {
        return undefined;
      }
    },
    isUp: () => !refused && breaker.state !== CircuitState.Open && connection.status === "ready",
    async close() {
      await Promise.allSettled([...(opened?.values() ?? [])].map((queue) => within(1_000, queue.close())));
      connection.disconnect();
    },
  };
}

const noRedis: Hints = {
  send: async () => false,
  waiting: async () => undefined,
  isUp: () => false,
  close: async () => {},
};

// What BullMQ emits as an error is what the calls already failed with.
function quiet(queue: BullQueue): BullQueue {
  queue.on("error", () => {});
  return queue;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not answer in ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {}); // it may still fail later, and nobody waits for it any more
  }
}
