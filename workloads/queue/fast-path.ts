import type { OperationRef, Queue } from "../payment/operation.ts";
import type { Hints } from "./hints.ts";
import { loop } from "./loop.ts";

/** The API's way to the workers: a hint right after the commit, while that is of use. */
export interface FastPath {
  /** Hints at an accepted operation. Fire and forget: it will be due by itself. Those of one turn of the event loop travel together. */
  hint(ref: OperationRef): void;
  /** No hint would help: Redis is away, or workers have enough to do. What is accepted now is due at once and left to the dispatcher. */
  isClosed(): boolean;
  stop(): Promise<void>;
}

// With more jobs waiting than this, workers are behind: the long queue belongs in Postgres, where merchants take turns.
const longQueueJobs = 200;
const lookPauseMs = 500;

export function fastPath(queue: Queue, hints: Hints): FastPath {
  let pending: OperationRef[] = [];
  let isLong = false;

  const looking = loop({
    async step() {
      isLong = ((await hints.waiting(queue)) ?? 0) > longQueueJobs;
      return lookPauseMs;
    },
    pauseOnErrorMs: lookPauseMs,
    onError: () => {}, // `waiting` does not throw
  });

  function send(): void {
    const refs = pending;
    pending = [];
    void hints.send(queue, refs);
  }

  return {
    hint(ref) {
      if (pending.length === 0) setImmediate(send);
      pending.push(ref);
    },
    isClosed: () => isLong || !hints.isUp(),
    stop: looking.stop,
  };
}
