import { afterEach, expect, test } from "vitest";
import { type Answer, coffee, startSystem, type TestSystem } from "../../support/system.ts";

let system: TestSystem;
afterEach(() => system[Symbol.asyncDispose]());

/** Two hundred payments, twenty at a time: who counts them hears of each twenty before the next, also on a machine that has other things to do. */
async function flooding(): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let wave = 0; wave < 10; wave++) answers.push(...(await Promise.all(Array.from({ length: 20 }, () => system.pay(coffee)))));
  return answers;
}

const at = (answers: readonly { status: number }[], status: number) => answers.filter((answer) => answer.status === status).length;

test("a merchant who asks too often is told when to come again, while another is served", async () => {
  system = await startSystem({ requestsPerSecondPerMerchant: 5 });
  const other = await system.newMerchant();

  const flood = await flooding();
  const served = await Promise.all(Array.from({ length: 5 }, () => system.pay(coffee, { merchant: other })));

  expect(at(flood, 202)).toBeGreaterThanOrEqual(5);
  expect(at(flood, 429)).toBeGreaterThan(100);
  for (const { status, headers, body } of flood.filter((answer) => answer.status !== 202)) {
    expect({ status, code: body.code }).toEqual({ status: 429, code: "rate_limit_exceeded" });
    expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  }
  expect(at(served, 202)).toBe(5);
  expect(await system.count("payments")).toBe(at(flood, 202) + 5); // what is refused leaves nothing behind
});

test("a merchant's rate is one for all processes, and each counts for itself while Redis is away", async () => {
  system = await startSystem({ requestsPerSecondPerMerchant: 5 });
  await system.stop("redis");

  const flood = await flooding();

  expect(at(flood, 202)).toBeGreaterThanOrEqual(5);
  expect(at(flood, 429)).toBeGreaterThan(100);
});

test("a merchant has no more requests in hand at once than are allowed", async () => {
  system = await startSystem({ env: { api: { REQUESTS_IN_FLIGHT_PER_MERCHANT: "5" } } });
  await system.behaviour({ latencyMs: 1_500 });
  const other = await system.newMerchant();

  const waiting = Array.from({ length: 8 }, () => system.pay(coffee, { wait: 10 }));
  await new Promise((resolve) => setTimeout(resolve, 700));
  const meanwhile = await system.pay(coffee, { merchant: other });
  const answers = await Promise.all(waiting);

  expect(at(answers, 201)).toBe(5);
  expect(answers.filter(({ body }) => body.code === "too_many_in_flight")).toHaveLength(3);
  expect(meanwhile.status).toBe(202);
  expect((await system.pay(coffee, { wait: 10 })).status).toBe(201); // the places are free again
});

test("payments that would wait too long are refused with a time to come back, and what was accepted is answered all the same", {
  timeout: 120_000,
}, async () => {
  system = await startSystem({ env: { api: { MAX_WAIT_SECONDS: "3" } } });
  await system.behaviour({ latencyMs: 500, ratePerSecond: 100 });
  const accepted = await Promise.all(Array.from({ length: 900 }, (_, i) => system.pay(coffee, { key: `sale-${i}` })));
  const first = accepted.findIndex(({ status }) => status === 202);
  expect(at(accepted, 202)).toBeGreaterThan(300); // a slow machine closes the door before the last of them

  let refused = await system.pay(coffee, { key: "late" });
  await system.until(
    async () => {
      refused = await system.pay(coffee, { key: `late-${Math.random()}` });
      return refused.status >= 429;
    },
    "a payment is refused",
    20_000,
  );
  const replay = await system.pay(coffee, { key: `sale-${first}` });

  expect(["over_fair_share", "overloaded"]).toContain(refused.body.code);
  const seconds = Number(refused.headers.get("retry-after"));
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect({ status: [201, 202].includes(replay.status), replayed: replay.headers.get("idempotent-replayed") }).toEqual({
    status: true,
    replayed: "true",
  });
  await system.settled(60_000);
  const isOpen = async () => (await system.pay(coffee, { key: "late-again" })).status === 202;
  await system.until(isOpen, "the door is open again: the queue is counted every two seconds", 20_000);
});
