import { type Loop, loop } from "../queue/loop.ts";
import type { QueueState, QueueStates } from "../store/queue-state.ts";
import { FairShare } from "./fair-share.ts";
import { Refusal } from "./problem.ts";

export type AdmissionDeps = {
  readonly store: Pick<QueueStates, "queueStates">;
  /** Payments are refused while a new one would wait longer than this. */
  readonly maxWaitSeconds: number;
  /** Milliseconds, and steady. */
  readonly now: () => number;
};

const lookPauseMs = 1_000;
// An older count says nothing: then everything is let in, for what is accepted is safe, and late at worst.
const staleSeconds = 15;
// So few are done before it matters how fast.
const fewOperations = 200;
// Beyond this times the limit nobody is let in; up to it, only those who take more than their share are refused.
const hardLimit = 1.5;
const longestSeconds = 60;

/** Lets payments in while the queue is short enough that they are done in time: open operations by the rate at which workers finish them. */
export class Admission {
  readonly #deps: AdmissionDeps;
  readonly #share: FairShare;
  readonly #looking: Loop;
  #state: { readonly of: QueueState; readonly readAt: number } | undefined;
  // Those who were refused since the queue was last short: they come back one behind the other.
  #refused = 0;

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
    this.#share = new FairShare(deps.now);
    this.#looking = loop({
      step: async () => {
        const of = (await deps.store.queueStates()).find(({ queue }) => queue === "payments");
        this.#state = of && { of, readAt: deps.now() };
        if (this.waitSeconds() < deps.maxWaitSeconds) this.#refused = 0;
        return lookPauseMs;
      },
      pauseOnErrorMs: lookPauseMs,
      onError: () => {}, // the store's absence is told by the requests that need it
    });
  }

  /** How long a payment that is accepted now would wait, in seconds; 0 where nothing is known. */
  waitSeconds(): number {
    if (!this.#state) return 0;
    const { depth, oldestSeconds, drainedPerSecond, ageSeconds } = this.#state.of;
    if (ageSeconds + (this.#deps.now() - this.#state.readAt) / 1_000 > staleSeconds) return 0;
    if (depth <= fewOperations) return 0;
    return drainedPerSecond > 0 ? depth / drainedPerSecond : oldestSeconds;
  }

  /** Counts a new payment of a merchant, and says why it is not let in. */
  refusalOf(merchantId: string): Refusal | undefined {
    const { maxWaitSeconds } = this.#deps;
    const isGreedy = this.#share.isExceededBy(merchantId);
    const wait = this.waitSeconds();
    if (wait <= maxWaitSeconds) return undefined;
    const detail = `New payments would wait longer than ${maxWaitSeconds} s. Nothing was done; send this one again, with the same Idempotency-Key, after Retry-After seconds.`;
    if (wait > hardLimit * maxWaitSeconds) return new Refusal({ code: "overloaded", detail }, { headers: this.#retryAfter(wait) });
    if (isGreedy) return new Refusal({ code: "over_fair_share", detail }, { headers: this.#retryAfter(wait) });
    return undefined;
  }

  stop(): Promise<void> {
    return this.#looking.stop();
  }

  // When the queue is short enough for this one, all those told before it included.
  #retryAfter(wait: number): { "retry-after": string } {
    const perSecond = this.#state?.of.drainedPerSecond ?? 0;
    const excess = wait - this.#deps.maxWaitSeconds + (perSecond > 0 ? this.#refused / perSecond : 0);
    if (excess < longestSeconds) this.#refused += 1;
    return { "retry-after": String(Math.max(1, Math.min(longestSeconds, Math.ceil(excess)))) };
  }
}
