import type { OperationRef, Queue } from "../payment/operation.ts";
import type { Hints } from "./hints.ts";
import { loop } from "./loop.ts";

/** The API's way to the workers: a hint right after the commit, while that is of use. */
export interface FastPath {
  /** Hints at accepted operations. Fire and forget: they will be due by themselves. */
  hint(refs: readonly OperationRef[]): void;
  /** No hint would help: Redis is away, or workers have enough to do. What is accepted now is due at once and left to the dispatcher. */
  isClosed(): boolean;
  /** Resolves when the hints in hand are on their way. */
  stop(): Promise<void>;
}

// With more jobs waiting than this, workers are behind: the long queue belongs in Postgres, where merchants take turns.
const longQueueJobs = 200;
const lookPauseMs = 500;
// Beyond this Redis is much slower than we are: what is dropped here is due again after the visibility.
const maxPending = 5_000;

/** Gathers hints while the ones before them are on their way, so that one job names many operations. */
export function fastPath(queue: Queue, hints: Hints): FastPath {
  let pending: OperationRef[] = [];
  let sending: Promise<void> | undefined;
  let isLong = false;

  const looking = loop({
    async step() {
      isLong = ((await hints.waiting(queue)) ?? 0) > longQueueJobs;
      return lookPauseMs;
    },
    pauseOnErrorMs: lookPauseMs,
    onError: () => {}, // `waiting` does not throw
  });

  async function sendAll(): Promise<void> {
    await new Promise(setImmediate); // those that one commit accepted come in one turn of the event loop
    while (pending.length > 0) {
      const refs = pending;
      pending = [];
      await hints.send(queue, refs);
    }
    sending = undefined;
  }

  return {
    hint(refs) {
      if (pending.length < maxPending) pending.push(...refs);
      sending ??= sendAll();
    },
    isClosed: () => isLong || !hints.isUp(),
    async stop() {
      await Promise.all([looking.stop(), sending]);
    },
  };
}
