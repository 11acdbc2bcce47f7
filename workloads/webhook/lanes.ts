import { LRUCache } from "lru-cache";

export type LanesOptions = {
  /** Deliveries that this process has under way at once. */
  readonly slots: number;
  /** In milliseconds. */
  readonly now?: () => number;
  /** In [0, 1). */
  readonly random?: () => number;
};

/** A place in the lane of an endpoint, to be left once. `isWell`: the receiver took what was sent. */
export type Place = { leave(isWell: boolean): void };

type Lane = { underWay: number; isFailing: boolean; latencyMs: number; freeAt: number };

const rememberedLanes = 10_000;
const firstGuessMs = 500;
const longestWaitSeconds = 60;

/**
 * Keeps any one receiver from taking all slots: an endpoint has a fifth of them at most, a merchant's endpoints together a third, one that
 * fails a single one, and all that fail together half. Who finds his lane full is told when it will be his turn, by how long the receiver
 * takes for each: so a long line is looked at once for each of its members, and not again and again.
 */
export class Lanes {
  readonly #lanes = new LRUCache<string, Lane>({ max: rememberedLanes });
  readonly #ofMerchant = new Map<string, number>(); // as many as there are slots
  #failing = 0;
  readonly #most: { readonly endpoint: number; readonly merchant: number; readonly failing: number };
  readonly #now: () => number;
  readonly #random: () => number;

  constructor({ slots, now = () => performance.now(), random = Math.random }: LanesOptions) {
    const part = (of: number): number => Math.max(1, Math.floor(slots / of));
    this.#most = { endpoint: part(5), merchant: part(3), failing: part(2) };
    this.#now = now;
    this.#random = random;
  }

  /** `failures`: how often the endpoint failed of late, as the store knows. */
  enter(at: { merchantId: string; endpointId: string; failures: number }): Place | { readonly waitSeconds: number } {
    const lane = this.#laneOf(at.endpointId);
    const isFailing = lane.isFailing || at.failures > 0;
    const room = isFailing ? 1 : this.#most.endpoint;
    const ofMerchant = this.#ofMerchant.get(at.merchantId) ?? 0;
    const isFull = lane.underWay >= room || ofMerchant >= this.#most.merchant || (isFailing && this.#failing >= this.#most.failing);
    if (isFull) return { waitSeconds: this.#turn(lane, room) };

    const start = this.#now();
    lane.underWay += 1;
    this.#ofMerchant.set(at.merchantId, ofMerchant + 1);
    if (isFailing) this.#failing += 1;
    return {
      leave: (isWell) => {
        lane.underWay -= 1;
        lane.isFailing = !isWell;
        lane.latencyMs += 0.3 * (this.#now() - start - lane.latencyMs);
        if (isFailing) this.#failing -= 1;
        const left = this.#ofMerchant.get(at.merchantId)! - 1;
        if (left > 0) this.#ofMerchant.set(at.merchantId, left);
        else this.#ofMerchant.delete(at.merchantId);
      },
    };
  }

  #laneOf(endpointId: string): Lane {
    let lane = this.#lanes.get(endpointId);
    if (!lane) {
      lane = { underWay: 0, isFailing: false, latencyMs: firstGuessMs, freeAt: 0 };
      this.#lanes.set(endpointId, lane);
    }
    return lane;
  }

  // Each who waits stands behind the one before him. Up to a fifth later, as everything here.
  #turn(lane: Lane, room: number): number {
    const now = this.#now();
    lane.freeAt = Math.min(Math.max(lane.freeAt, now) + lane.latencyMs / room, now + longestWaitSeconds * 1000);
    return Math.max(0.2, (lane.freeAt - now) / 1000) * (1 + this.#random() / 5);
  }
}
