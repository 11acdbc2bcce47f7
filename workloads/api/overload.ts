import { type LoadClass, loadClasses } from "./route.ts";

export type OverloadDeps = {
  /** How full the queue to the store of a bucket is, from 0 to 1. */
  readonly storeLoad: (bucket: number) => number;
  /** Milliseconds, and steady. */
  readonly now: () => number;
};

const tickMs = 100;
const halfLifeMs = 1_000;
// From which delay of the event loop, and from which part of the store's queue, each class is shed: reports, lists, reads, payments.
const delaysMs = [250, 500, 1_000, 2_000];
const storeLoads = [0.1, 0.2, 0.4, 0.7];

/** Notices that this process has more to do than it can, and says what is no longer served: first reports, at last payments, never events. */
export class Overload {
  #delayMs = 0;
  #delayLevel = 0;
  readonly #storeLoad: OverloadDeps["storeLoad"];
  readonly #timer: NodeJS.Timeout;

  constructor({ storeLoad, now }: OverloadDeps) {
    this.#storeLoad = storeLoad;
    let last = now();
    this.#timer = setInterval(() => {
      const at = now();
      const weight = 1 - 0.5 ** ((at - last) / halfLifeMs);
      this.#delayMs += weight * (Math.max(0, at - last - tickMs) - this.#delayMs);
      last = at;
      this.#delayLevel = levelOf(this.#delayMs, delaysMs);
    }, tickMs).unref();
  }

  /** A shard that is full sheds its own merchants only. */
  sheds(load: LoadClass, bucket: number): boolean {
    const level = Math.max(this.#delayLevel, levelOf(this.#storeLoad(bucket), storeLoads));
    return level > 0 && loadClasses.indexOf(load) < level;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

const levelOf = (value: number, bounds: readonly number[]): number => bounds.filter((bound) => value >= bound).length;
