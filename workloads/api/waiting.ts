import type { ServerResponse } from "node:http";
import type { Payment } from "../payment/payment.ts";
import type { Store, Tenant } from "../store/store.ts";

/** The longest that a client may ask us to wait. */
export const maxWaitSeconds = 30;

const maxWaiters = 1_000;
const tickMs = 20;
const slowestMs = 250;

type Waiter = {
  readonly tenant: Tenant;
  readonly until: number;
  readonly finish: () => void;
  payment: Payment;
  nextAt: number;
  delayMs: number;
  reading: boolean;
};

/** Waits for payments to be settled, with one timer for all: each is read after 20 ms, then ever less often, down to four times a second. */
export class Waiting {
  readonly #store: Pick<Store, "payment">;
  readonly #waiters = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(store: Pick<Store, "payment">) {
    this.#store = store;
  }

  /**
   * The payment once it is settled or needs somebody, or as it is known when the time is over, the client is gone or the process ends.
   * `undefined`: too many wait already, ask again.
   */
  async settled(payment: Payment, { tenant, seconds, response }: { tenant: Tenant; seconds: number; response: ServerResponse }) {
    if (payment.status !== "processing") return payment;
    if (this.#ended || this.#waiters.size >= maxWaiters) return undefined;

    const now = performance.now();
    return new Promise<Payment>((resolve) => {
      const finish = () => {
        if (this.#waiters.delete(waiter)) resolve(waiter.payment);
        response.off("close", finish);
      };
      const waiter: Waiter = {
        tenant,
        payment,
        until: now + seconds * 1000,
        nextAt: now + tickMs,
        delayMs: tickMs,
        reading: false,
        finish,
      };
      this.#waiters.add(waiter);
      response.on("close", finish);
      this.#timer ??= setInterval(() => this.#tick(), tickMs);
    });
  }

  /** Nobody waits any longer. */
  end(): void {
    this.#ended = true;
    for (const waiter of this.#waiters) waiter.finish();
    this.#tick();
  }

  #tick(): void {
    const now = performance.now();
    for (const waiter of this.#waiters) {
      if (now >= waiter.until) waiter.finish();
      else if (!waiter.reading && now >= waiter.nextAt) void this.#look(waiter);
    }
    if (this.#waiters.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  // The payment was accepted: what goes wrong with reading it only makes the wait longer.
  async #look(waiter: Waiter): Promise<void> {
    waiter.reading = true;
    try {
      waiter.payment = (await this.#store.payment(waiter.tenant, waiter.payment.id)) ?? waiter.payment;
    } catch {
      // The next look, or the client's own, will tell.
    }
    waiter.reading = false;
    waiter.delayMs = Math.min(slowestMs, waiter.delayMs * 1.5);
    waiter.nextAt = performance.now() + waiter.delayMs;
    if (waiter.payment.status !== "processing") waiter.finish();
  }
}

/** The seconds of `Prefer: wait=n`, at most 30. A preference that cannot be read is none (RFC 7240). */
export function preferredWait(prefer: string | string[] | undefined): number {
  if (prefer === undefined) return 0;
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?\s*(?:[,;]|$)/i.exec(String(prefer))?.[1];
  return Math.min(maxWaitSeconds, Number(seconds ?? 0));
}
