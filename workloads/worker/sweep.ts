import type { Queue } from "../payment/operation.ts";
import { type Loop, loop } from "../queue/loop.ts";
import type { Offered, Store } from "../store/store.ts";
import type { Slots } from "./slots.ts";

export type SweepOptions = {
  store: Pick<Store, "offer">;
  queues: readonly Queue[];
  slots: Pick<Slots, "free" | "whenFree">;
  start: (ref: Offered) => Promise<void>;
  /** Whether Redis is there to bring hints; without it we look often. */
  hinted: () => boolean;
  onError: (error: unknown) => void;
};

// One look for each slot that falls free would cost more than the work.
const enough = 16;
const oftenMs = 100;
const seldomMs = 2_000;

/**
 * Looks in Postgres for what is due, with the statement that the dispatcher uses. With Redis it is a slow second look, so that a
 * dispatcher that died costs two seconds; without, it is how work is found. Two who look at once never get the same row.
 */
export function sweep({ store, queues, slots, start, hinted, onError }: SweepOptions): Loop {
  return loop({
    async step() {
      await slots.whenFree(enough);
      let found = 0;
      for (const queue of queues) {
        const limit = slots.free();
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
