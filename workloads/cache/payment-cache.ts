import type { Redis } from "ioredis";
import { LRUCache } from "lru-cache";
import { isTerminal, type Payment } from "../payment/payment.ts";
import type { Store, Tenant } from "../store/store.ts";
import { forgetPayment, goneKey, paymentKey, remember } from "./shared-payments.ts";

export type PaymentCacheDeps = {
  readonly store: Pick<Store, "payment">;
  /** `undefined`: there is no Redis, and only this process remembers. */
  readonly redis: Redis | undefined;
  readonly onRequest: (tier: "process" | "redis" | "postgres", result: "hit" | "miss") => void;
};

const maxPayments = 4_000; // about 1 KiB each
// A refund changes a payment that was done. Where it was written elsewhere, this is how long it may not show here.
const rememberedMs = 1_000;

/**
 * Payments for those who read: from this process, from Redis, or from Postgres, asked once for all who want the same one meanwhile.
 * Only payments to which nothing more happens by itself are kept, and nothing is ever decided by what is read here.
 */
export class PaymentCache {
  readonly #deps: PaymentCacheDeps;
  readonly #kept = new LRUCache<string, Payment>({ max: maxPayments, ttl: rememberedMs });
  readonly #changed = new LRUCache<string, true>({ max: maxPayments, ttl: 10 * rememberedMs });
  readonly #asking = new Map<string, Promise<Payment | undefined>>(); // as many as there are requests in flight

  constructor(deps: PaymentCacheDeps) {
    this.#deps = deps;
  }

  async payment(tenant: Tenant, id: string): Promise<Payment | undefined> {
    const payment = await this.#found(tenant, id);
    return payment?.mode === tenant.mode ? payment : undefined;
  }

  /** This process has changed it: the next who asks sees that. */
  forget(tenant: Tenant, id: string): void {
    const key = paymentKey(tenant, id);
    this.#changed.set(key, true);
    this.#kept.delete(key);
    this.#asking.delete(key);
    if (this.#isUp()) forgetPayment(this.#deps.redis!, tenant, id).catch(() => {}); // what is kept there ends by itself
  }

  #found(tenant: Tenant, id: string): Promise<Payment | undefined> {
    const key = paymentKey(tenant, id);
    const kept = this.#kept.get(key);
    this.#deps.onRequest("process", kept ? "hit" : "miss");
    if (kept) return Promise.resolve(kept);

    let answer = this.#asking.get(key);
    if (answer === undefined) {
      answer = this.#ask(tenant, id, key).finally(() => this.#asking.delete(key));
      this.#asking.set(key, answer);
    }
    return answer;
  }

  async #ask(tenant: Tenant, id: string, key: string): Promise<Payment | undefined> {
    const shared = await this.#fromRedis(key);
    if (shared) {
      this.#keep(key, shared);
      return shared;
    }

    const payment = await this.#deps.store.payment(tenant, id);
    this.#deps.onRequest("postgres", payment ? "hit" : "miss");
    if (payment && isTerminal(payment.status)) {
      this.#keep(key, payment);
      if (this.#isUp()) remember(this.#deps.redis!, key, payment).catch(() => {}); // the next one asks Postgres as well
    }
    return payment;
  }

  // What was read before a change may come after it.
  #keep(key: string, payment: Payment): void {
    if (!this.#changed.has(key)) this.#kept.set(key, payment);
  }

  async #fromRedis(key: string): Promise<Payment | undefined> {
    if (!this.#isUp()) return undefined;
    try {
      const [text, gone] = await this.#deps.redis!.mget(key, goneKey(key));
      const found = gone || !text ? undefined : paymentOf(text);
      this.#deps.onRequest("redis", found ? "hit" : "miss");
      return found;
    } catch {
      return undefined; // slow or away: Postgres knows
    }
  }

  #isUp(): boolean {
    return this.#deps.redis?.status === "ready";
  }
}

function paymentOf(text: string): Payment {
  const { createdAt, updatedAt, captureBefore, ...rest } = JSON.parse(text) as Omit<Payment, Times> & Record<Times, string>;
  return {
    ...rest,
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
    captureBefore: captureBefore ? new Date(captureBefore) : null,
  };
}

type Times = "createdAt" | "updatedAt" | "captureBefore";
