import type { WorkqueueMetrics } from "./workqueue-metrics.ts";

/**
 * Keys that need work. A key is worked on by one at a time; added while it waits it is still one, added while it is worked on
 * it is worked on once more afterwards. (As client-go's.)
 */
export interface Workqueue {
  /** Now, or as soon as it is free. False if the queue is full or stopped; then nothing was added. */
  add(key: string): boolean;
  /** Not before `seconds` have gone by; of several the earliest counts. */
  addAfter(key: string, seconds: number): boolean;
  /** Keys that wait to be taken, without those of later. */
  readonly depth: number;
  /** Takes no more; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

export interface WorkqueueOptions {
  /** In metrics. */
  name: string;
  /** What it returns says when to come again. What it throws is told to `onFailure` and tried again after the key's backoff, which doubles until it succeeds. */
  work: (key: string) => Promise<Again>;
  onFailure?: ((key: string, error: unknown, retrySeconds: number) => void) | undefined;
  /** Keys worked on at once. Default 4. */
  concurrency?: number | undefined;
  /** Backoff of a key that fails; each is spread at random. Default 0.5 and 300 seconds. */
  backoffSeconds?: { first: number; most: number } | undefined;
  /** Most keys that it holds, waiting, later, failing and under way together. Default 10,000. */
  maxKeys?: number | undefined;
  metrics?: WorkqueueMetrics | undefined;
}

export type Again = "never" | { afterSeconds: number };

export declare function workqueue(options: WorkqueueOptions): Workqueue;
