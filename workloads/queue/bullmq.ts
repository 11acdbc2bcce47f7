import { createRequire } from "node:module";
import type { Queue, Worker } from "bullmq";

// Only these two of its files: the index reads flows, sandboxes, a Postgres backend and clients of other makers besides, for 4 MiB.
const read = createRequire(import.meta.url);
export type BullQueue = Queue;
export const BullQueue = (read("bullmq/dist/cjs/classes/queue.js") as { Queue: typeof Queue }).Queue;
export const BullWorker = (read("bullmq/dist/cjs/classes/worker.js") as { Worker: typeof Worker }).Worker;
