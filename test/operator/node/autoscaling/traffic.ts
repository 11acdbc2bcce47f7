import { randomUUID } from "node:crypto";
import { setPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { apiKeyHash, newApiKey } from "../../../../workloads/api-key.ts";
import { newUuid } from "../../../../workloads/payment/id.ts";
import { seed } from "../../../../workloads/store/seed.ts";
import { type Merchant, merchant } from "../../../workloads/crash/merchant.ts";
import type { Doors } from "./doors.ts";

/** Payments at a steady pace, whatever comes back, as many customers make them. */
export interface Traffic extends AsyncDisposable {
  /** Resolves when everyone has been accepted; who is refused comes again as he is told. Returns the accepted requests. */
  pay(of: "sale" | "others", pace: { perSecond: number; seconds: number }): Promise<Answered[]>;
  /** By key. */
  accepted(): ReadonlyMap<string, string>;
}

/** When a request was made, by `performance.now()`, and how many milliseconds later it was answered. */
export interface Answered {
  readonly at: number;
  readonly ms: number;
}

/** Of two merchants: the one that has a sale, and one that stands for all others. */
export async function openTraffic({ apiUrl, databaseUrl, secretKey }: Doors): Promise<Traffic> {
  setPriority(-10); // payers have machines of their own
  const otherKey = newApiKey("sk", "test");
  await seed(databaseUrl, { merchants: [{ id: newUuid(), name: "Other", keys: [{ mode: "test", hash: apiKeyHash(otherKey) }] }] });
  const payers = { sale: merchant({ url: apiUrl, secretKey }), others: merchant({ url: apiUrl, secretKey: otherKey }) };
  return {
    async pay(of, { perSecond, seconds }) {
      const answered: Answered[] = [];
      const start = performance.now();
      const customers: Promise<void>[] = [];
      for (let i = 0; i < perSecond * seconds; i++) {
        await sleep(Math.max(0, start + (i / perSecond) * 1000 - performance.now()));
        customers.push(customer(payers[of], answered));
      }
      await Promise.all(customers);
      return answered;
    },
    accepted: () => new Map(Object.values(payers).flatMap(({ accepted }) => [...accepted])),
    async [Symbol.asyncDispose]() {
      await Promise.all(Object.values(payers).map((one) => one.close()));
    },
  };
}

const patienceMs = 240_000;

async function customer({ pay }: Merchant, answered: Answered[]): Promise<void> {
  const key = randomUUID();
  const until = performance.now() + patienceMs;
  for (;;) {
    const at = performance.now();
    const told = await pay(key);
    if (told && told.status < 300) return void answered.push({ at, ms: performance.now() - at });
    if (performance.now() > until) throw new Error(`not accepted in ${patienceMs / 1000} s, last answer ${told?.status ?? "none"}`);
    await sleep(Math.max(100, told?.retryAfterMs ?? 0) * (0.5 + Math.random()));
  }
}

/** Of each few hundred answers, and of those figures the median: one hiccup of the machine is no property of the system. */
export function p99(answered: readonly Answered[]): number {
  const millis = answered.map(({ ms }) => ms);
  const size = Math.min(200, millis.length);
  const windows = Array.from({ length: Math.floor(millis.length / size) }, (_, i) => millis.slice(i * size, (i + 1) * size));
  return quantile(
    windows.map((window) => quantile(window, 0.99)),
    0.5,
  );
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!);
}
