import type { Queue } from "../payment/operation.ts";
import { inTurn } from "../queue/hint.ts";
import type { Hints } from "../queue/hints.ts";
import type { Offered, Store } from "../store/store.ts";
import type { Pace } from "./pace.ts";

export type OfferDeps = {
  store: Pick<Store, "offer">;
  hints: Hints;
  /** Of all shards together: they fill one Redis. */
  pace: Pace;
  shards: number;
  onOffered: (refs: readonly Offered[]) => void;
};

/**
 * Offers what is due in a queue of a shard to the workers, as much as they take in about two seconds shared with the other shards. The commit that makes it due again later
 * comes first: whoever dies between here and Redis has only delayed it. Returns how many were offered.
 */
export async function offerDue(queue: Queue, { store, hints, pace, shards, onOffered }: OfferDeps): Promise<number> {
  const waiting = await hints.waiting(queue);
  if (waiting === undefined) return 0; // Redis is away: workers find what is due by themselves

  const room = Math.ceil(pace.room(waiting) / shards);
  if (room === 0) return 0;

  const due = await store.offer(queue, room);
  if (due.length === 0) return 0;
  onOffered(due);
  await hints.send(queue, inTurn(due));
  pace.offered(due.length);
  return due.length;
}
