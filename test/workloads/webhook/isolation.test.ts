import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { coffee, type Merchant, type TestSystem } from "../../support/system.ts";
import { hangs, type Receiver, receiver } from "./receiver.ts";
import { anEndpoint, startTelling } from "./told.ts";

let system: TestSystem;
beforeAll(async () => {
  system = await startTelling({
    env: { worker: { CONCURRENCY: "20", WEBHOOK_TIMEOUT_SECONDS: "10", WEBHOOK_SCHEDULE_SECONDS: "5,30,120" } },
  });
});
afterAll(() => system[Symbol.asyncDispose]());

type Listener = { merchant: Merchant; server: Receiver };
async function listener(server: Receiver): Promise<Listener> {
  const merchant = await system.newMerchant();
  await anEndpoint(system, merchant, { url: `${server.url}/${crypto.randomUUID()}` });
  return { merchant, server };
}

/** How long each payment of a merchant took from its event to its receiver, in milliseconds; the slowest of a hundred is the last but one. */
async function toldWithin(merchants: readonly Listener[], payments: number): Promise<number[]> {
  const from = merchants[0]!.server.got.length;
  for (let i = 0; i < payments; i++) {
    await system.pay(coffee, { merchant: merchants[i % merchants.length]!.merchant });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await system.until(async () => merchants[0]!.server.got.length >= from + payments, "all told", 60_000);
  const got = merchants[0]!.server.got.slice(from, from + payments).map(({ body, at }) => ({ id: JSON.parse(body).id, at }));
  expect(new Set(got.map(({ id }) => id)).size).toBe(payments);
  const made = merchants[0]!.server.got
    .slice(from)
    .map(({ body, at }) => performance.timeOrigin + at - Date.parse(JSON.parse(body).created_at));
  return made.sort((a, b) => a - b);
}
const p99 = (sorted: readonly number[]): number => sorted[Math.ceil(sorted.length * 0.99) - 1]!;

describe("a receiver that hangs for ever", () => {
  test("leaves the time in which others are told as it was", { timeout: 180_000 }, async () => {
    await using server = await receiver();
    await using black = await receiver(hangs);
    const others = await Promise.all([server, server, server].map(listener));
    await toldWithin(others, 20); // warm
    const before = p99(await toldWithin(others, 100));

    const stuck = await listener(black);
    for (let i = 0; i < 200; i++) await system.pay(coffee, { merchant: stuck.merchant });
    await system.until(async () => black.got.length > 0, "the black hole is asked");
    const during = p99(await toldWithin(others, 100));

    expect(black.got.length).toBeLessThan(20); // it had a fifth of the slots, and then one try at a time
    process.stdout.write(`p99 of telling others: ${Math.round(before)} ms before, ${Math.round(during)} ms beside a receiver that hangs\n`);
    expect(during).toBeLessThan(Math.max(2 * before, before + noiseMs)); // had it to wait for the one that hangs, it would be seconds
  });
});

// What a machine that others use as well adds now and then.
const noiseMs = 1_000;
