import type { Queue } from "../payment/operation.ts";
import { type Loop, loop } from "../queue/loop.ts";
import type { Offered, Store } from "../store/store.ts";

export type SweepOptions = {
  store: Pick<Store, "offer">;
  queues: readonly Queue[];
  free: () => number;
  start: (ref: Offered) => Promise<void>;
  /** Whether Redis is there to bring hints; without it we look often. */
  hinted: () => boolean;
  onError: (error: unknown) => void;
};

const oftenMs = 100;
const seldomMs = 2_000;

/**
 * Looks in Postgres for what is due, with the statement that the dispatcher uses. With Redis it is a slow second look, so that a
 * dispatcher that died costs two seconds; without, it is how work is found. Two who look at once never get the same row.
 */
export function sweep({ store, queues, free, start, hinted, onError }: SweepOptions): Loop {
  return loop({
    async step() {
      let found = 0;
      for (const queue of queues) {
        const limit = free();
        if (limit <= 0) break;
        const due = await store.offer(queue, limit);
        for (const ref of due) await start(ref);
        found += due.length;
      }
      // Where something was found, hints are not doing it: look again at once. And many pods must not look in step.
      return found > 0 ? 1 : (hinted() ? seldomMs : oftenMs) * (0.75 + Math.random() / 2);
    },
    pauseOnErrorMs: 1_000,
    onError,
  });
}
