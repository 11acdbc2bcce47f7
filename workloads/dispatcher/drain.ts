import type { Queue } from "../payment/operation.ts";

const halfLifeSeconds = 10;
// Workers say every 2 s what they have done, and at the start of a roll-out they do less than they can: two or three counts are no rate.
const youngSeconds = 10;

/** How fast a queue drains, from how much was ever done at each count: a mean of the last ten seconds or so. `now` in milliseconds. */
export class Drain {
  readonly #of = new Map<Queue, { since: number; at: number; done: number; perSecond: number | undefined }>(); // as many as there are queues
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** 0: not known yet. `depth`: what is open. While it is nearly nothing, the rate says how little there was to do, so it may only grow. */
  perSecond(queue: Queue, done: number, depth: number): number {
    const at = this.#now();
    const last = this.#of.get(queue);
    if (!last) {
      this.#of.set(queue, { since: at, at, done, perSecond: undefined });
      return 0;
    }
    const seconds = Math.max(0.001, (at - last.at) / 1000);
    const latest = Math.max(0, done - last.done) / seconds;
    const weight = 1 - 0.5 ** (seconds / halfLifeSeconds);
    const mean = last.perSecond === undefined ? latest : last.perSecond + weight * (latest - last.perSecond);
    const perSecond = depth <= latest ? Math.max(latest, last.perSecond ?? 0) : mean;
    this.#of.set(queue, { since: last.since, at, done, perSecond });
    return at - last.since < youngSeconds * 1000 ? 0 : perSecond;
  }
}
