import type { Queue } from "../payment/operation.ts";
import { type Loop, loop } from "../queue/loop.ts";
import type { QueueStates } from "../store/queue-state.ts";

export type DoneOptions = {
  store: Pick<QueueStates, "addDone">;
  /** A name that no other process has. */
  worker: string;
  onError: (error: unknown) => void;
};

const tellPauseMs = 2_000;

/** Tells the store now and then how much this worker has done, so that everybody can know how fast a queue drains. */
export function done({ store, worker, onError }: DoneOptions): Loop & { finished(queue: Queue): void } {
  const untold = new Map<Queue, number>(); // as many as there are queues
  const telling = loop({
    async step() {
      for (const [queue, count] of untold) {
        await store.addDone(worker, queue, count);
        untold.set(queue, untold.get(queue)! - count);
        if (untold.get(queue) === 0) untold.delete(queue);
      }
      return tellPauseMs;
    },
    pauseOnErrorMs: tellPauseMs,
    onError,
  });
  return { ...telling, finished: (queue) => void untold.set(queue, (untold.get(queue) ?? 0) + 1) };
}
