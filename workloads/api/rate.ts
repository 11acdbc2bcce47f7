import { createRequire } from "node:module";
import type { Redis } from "ioredis";
import { LRUCache } from "lru-cache";
import type { RateLimiterMemory as InMemory, RateLimiterRedis as InRedis } from "rate-limiter-flexible";
import { Refusal } from "./problem.ts";

// Only these two files: the package's index reads all of its stores, for 8 MiB. Its files have no types of their own.
const read = createRequire(import.meta.url);
const RateLimiterMemory = read("rate-limiter-flexible/lib/RateLimiterMemory.js") as typeof InMemory;
const RateLimiterRedis = read("rate-limiter-flexible/lib/RateLimiterRedis.js") as typeof InRedis;

export type RateDeps = {
  /** Requests a second that one merchant may make of all processes together. */
  readonly perSecond: number;
  /** `undefined`: there is no Redis, and each process counts for itself. */
  readonly redis: Redis | undefined;
  /** Milliseconds. */
  readonly now: () => number;
};

type Allowance = {
  /** Requests that need not ask, until then. */
  left: number;
  until: number;
  blockedUntil: number;
  /** Of those who were refused, each is told a later second than the ones before: they must not all come back at once. */
  refused: number;
};

const maxMerchants = 10_000;
// A process takes its merchant's requests in parts of a second's worth: one question to Redis serves many requests.
const parts = 20;
const longestSeconds = 60;

/**
 * A merchant's requests a second, counted in Redis for all processes, and in each process alone while Redis is away. Nobody waits for
 * the count: a process serves a part of a second's worth while it asks, and refuses from the moment that it hears of too many.
 */
export class Rate {
  readonly #allowances = new LRUCache<string, Allowance>({ max: maxMerchants });
  readonly #limiter: { consume(merchant: string, requests: number): Promise<unknown> };
  readonly #deps: RateDeps;
  readonly #part: number;

  constructor(deps: RateDeps) {
    this.#deps = deps;
    this.#part = Math.ceil(deps.perSecond / parts);
    const limits = { points: deps.perSecond, duration: 1, keyPrefix: "satang:rate" };
    const alone = new RateLimiterMemory(limits);
    this.#limiter = deps.redis ? new RateLimiterRedis({ ...limits, storeClient: deps.redis, insuranceLimiter: alone }) : alone;
  }

  /** Counts a request. Refuses it with the seconds after which there is room again. */
  take(merchantId: string): void {
    const now = this.#deps.now();
    let allowance = this.#allowances.get(merchantId);
    if (!allowance) {
      allowance = { left: 0, until: 0, blockedUntil: 0, refused: 0 };
      this.#allowances.set(merchantId, allowance);
    }
    if (now < allowance.blockedUntil) throw this.#refusal(allowance, now);
    if (allowance.left === 0 || now >= allowance.until) this.#ask(merchantId, allowance, now);
    allowance.left -= 1;
  }

  #ask(merchantId: string, allowance: Allowance, now: number): void {
    allowance.left = this.#part;
    allowance.until = now + 1_000;
    this.#limiter.consume(merchantId, this.#part).then(
      () => {
        allowance.refused = Math.max(0, allowance.refused - this.#part);
      },
      (over: { msBeforeNext?: unknown }) => {
        if (typeof over.msBeforeNext !== "number") return; // not an answer: the next one asks again
        allowance.blockedUntil = this.#deps.now() + over.msBeforeNext;
        allowance.left = 0;
      },
    );
  }

  #refusal(allowance: Allowance, now: number): Refusal {
    const { perSecond } = this.#deps;
    const seconds = Math.ceil((allowance.blockedUntil - now) / 1_000) + Math.floor(allowance.refused / perSecond);
    if (seconds < longestSeconds) allowance.refused += 1;
    const detail = `You may make ${perSecond} requests a second. Nothing was done; send this one again, with the same Idempotency-Key, after Retry-After seconds.`;
    return new Refusal({ code: "rate_limit_exceeded", detail }, { headers: { "retry-after": String(Math.min(longestSeconds, seconds)) } });
  }
}
