import type { OperationRef, Queue } from "../payment/operation.ts";
import { BullWorker } from "./bullmq.ts";
import { openPatient } from "./connection.ts";
import { refsOf } from "./hint.ts";
import { prefix } from "./queue-names.ts";

export type TakeOptions = {
  redisUrl: string;
  queues: readonly Queue[];
  /** Starts operations, and resolves once all of them are started: only then is the next job fetched. */
  start: (refs: OperationRef[]) => Promise<void>;
  onError: (error: Error) => void;
};

/** Takes hints as they come. A hint is spent when its operations are started; if we die with them, they are due again by themselves. */
export interface Taker {
  isUp(): boolean;
  /** When the last job was taken, by `performance.now()`; a taker that is cut off or stuck takes none. */
  lastTakenAt(): number;
  close(): Promise<void>;
}

// Jobs fetched at once: enough that the next is here when the last is started, few enough that hints stay with whoever is free.
const jobsAtOnce = 4;

const manner = {
  prefix,
  concurrency: jobsAtOnce,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
  maxStalledCount: 0,
  runRetryDelay: 500, // after a line that was closed, as by a failover; 15 s otherwise
};

export function take({ redisUrl, queues, start, onError }: TakeOptions): Taker {
  let lastTaken = performance.now();
  const connection = openPatient(redisUrl);
  const workers = queues.map((queue) => {
    const worker = new BullWorker(
      queue,
      async (job) => {
        lastTaken = performance.now();
        await start(refsOf(job.data));
      },
      { ...manner, connection },
    );
    worker.on("error", onError); // without a listener it would end the process
    return worker;
  });
  return {
    isUp: () => connection.status === "ready",
    lastTakenAt: () => lastTaken,
    async close() {
      // A worker that waits for a Redis that is away would wait for ever: what it holds is in Postgres anyway.
      const gone = connection.status !== "ready";
      await Promise.allSettled(workers.map((worker) => worker.close(gone)));
      connection.disconnect();
    },
  };
}
