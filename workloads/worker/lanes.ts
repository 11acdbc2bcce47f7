import type { Store } from "../store/store.ts";
import { type Slots, slots } from "./slots.ts";

/** The slots of one shard's operations. `isStuck`: there is no primary to claim or settle with, so nothing is worth waiting for. */
export type Lane = { readonly store: Store; readonly slots: Slots; readonly isStuck: () => boolean };

export type Lanes = Pick<Slots, "free" | "idle"> & { readonly all: readonly Lane[] };

const lookMs = 250;

/**
 * Shares a process's slots among shards, so that operations which wait for a shard's next primary hold its own slots and no others. What
 * waits for a slot of such a shard is let go: it is due again by itself, and behind it wait those of others. One shard has all slots, and waits.
 */
export function openLanes(stores: readonly Store[], concurrency: number): Lanes {
  const several = stores.length > 1;
  const all = stores.map((store) => ({
    store,
    slots: slots(Math.ceil(concurrency / stores.length)),
    isStuck: () => several && store.isAway(),
  }));
  const look = () => {
    for (const lane of all) if (lane.isStuck()) lane.slots.lookAgain();
  };
  const timer = several ? setInterval(look, lookMs).unref() : undefined;
  return {
    all,
    free: () => all.reduce((sum, lane) => sum + lane.slots.free(), 0),
    async idle() {
      await Promise.all(all.map((lane) => lane.slots.idle()));
      clearInterval(timer);
    },
  };
}
