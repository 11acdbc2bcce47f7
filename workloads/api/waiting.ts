import type { ServerResponse } from "node:http";
import type { Tenant } from "../store/store.ts";
import { Refusal } from "./problem.ts";

/** The longest that a client may ask us to wait. */
export const maxWaitSeconds = 30;

const maxWaiters = 1_000;
const tickMs = 20;
const slowestMs = 250;

/** What is waited for: how it is read, and whether it is what it will be for a while. */
export type Settling<Thing> = {
  readonly read: (tenant: Tenant, id: string) => Promise<Thing | undefined>;
  readonly isSettled: (thing: Thing) => boolean;
};

type Waiter<Thing> = {
  readonly tenant: Tenant;
  readonly until: number;
  readonly finish: () => void;
  thing: Thing;
  nextAt: number;
  delayMs: number;
  reading: boolean;
};

/** Waits for payments or operations to be settled, with one timer for all: each is read after 20 ms, then ever less often, down to four times a second. */
export class Waiting<Thing extends { readonly id: string }> {
  readonly #what: Settling<Thing>;
  readonly #waiters = new Set<Waiter<Thing>>();
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(what: Settling<Thing>) {
    this.#what = what;
  }

  /**
   * It, once it is settled or needs somebody, or as it is known when the time is over, the client is gone or the process ends.
   * `undefined`: too many wait already, ask again.
   */
  async settled(thing: Thing, { tenant, seconds, response }: { tenant: Tenant; seconds: number; response: ServerResponse }) {
    if (this.#what.isSettled(thing)) return thing;
    if (this.#ended || this.#waiters.size >= maxWaiters) return undefined;

    const now = performance.now();
    return new Promise<Thing>((resolve) => {
      const finish = () => {
        if (this.#waiters.delete(waiter)) resolve(waiter.thing);
        response.off("close", finish);
      };
      const waiter: Waiter<Thing> = {
        tenant,
        thing,
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

  // It was accepted: what goes wrong with reading it only makes the wait longer.
  async #look(waiter: Waiter<Thing>): Promise<void> {
    waiter.reading = true;
    try {
      waiter.thing = (await this.#what.read(waiter.tenant, waiter.thing.id)) ?? waiter.thing;
    } catch {
      // The next look, or the client's own, will tell.
    }
    waiter.reading = false;
    waiter.delayMs = Math.min(slowestMs, waiter.delayMs * 1.5);
    waiter.nextAt = performance.now() + waiter.delayMs;
    if (this.#what.isSettled(waiter.thing)) waiter.finish();
  }
}

/** The seconds of `?wait=n`. */
export function waitOf(wait: unknown): number {
  if (wait === undefined) return 0;
  if (typeof wait === "string" && /^\d{1,2}$/.test(wait) && Number(wait) <= maxWaitSeconds) return Number(wait);
  throw new Refusal({ code: "parameter_invalid", detail: `wait must be whole seconds from 0 to ${maxWaitSeconds}.`, param: "wait" });
}

/** The seconds of `Prefer: wait=n`, at most 30. A preference that cannot be read is none (RFC 7240). */
export function preferredWait(prefer: string | string[] | undefined): number {
  if (prefer === undefined) return 0;
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?\s*(?:[,;]|$)/i.exec(String(prefer))?.[1];
  return Math.min(maxWaitSeconds, Number(seconds ?? 0));
}
