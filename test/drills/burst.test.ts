import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { coffee, type Merchant, startSystem, type TestSystem } from "../support/system.ts";
import { tell } from "../support/tell.ts";

const minutes = 60_000;
const steadyPerSecond = 30;
const steadySeconds = 30;
const burstSeconds = 60;
const others = 9;
// How long a client that is refused goes on, as it is told to.
const patienceSeconds = 180;

test("ten times the traffic for a minute, most of it one merchant's, loses nothing, and the other merchants hardly notice", {
  timeout: 8 * minutes,
}, async () => {
  await using system = await startSystem({ workers: 2, requestsPerSecondPerMerchant: 100 });
  await system.behaviour({ latencyMs: 50, latencyP99Ms: 3_000 });
  const shops = await Promise.all(Array.from({ length: others }, () => system.newMerchant()));
  const sale = await system.newMerchant();

  await pay(system, { seconds: 5, streams: [{ merchants: shops, perSecond: steadyPerSecond }] }); // compiled, pooled and cached
  const [steady] = await pay(system, { seconds: steadySeconds, streams: [{ merchants: shops, perSecond: steadyPerSecond }] });
  const [usual, flood] = await pay(system, {
    seconds: burstSeconds,
    streams: [
      { merchants: shops, perSecond: 2 * steadyPerSecond },
      { merchants: [sale], perSecond: 8 * steadyPerSecond },
    ],
  });
  await system.settled(2 * minutes);

  const verdict = await system.invariants();
  const refused = [...usual!.refusals, ...flood!.refusals];
  tell("ten times the traffic, eight of ten parts of it from one merchant", {
    "accepted, all": verdict.accepted,
    lost: verdict.lost,
    doubled: verdict.doubled,
    "accepted of others in the burst": usual!.millis.length,
    "refused of others": usual!.refusals.length,
    "accepted of the sale": flood!.millis.length,
    "refused of the sale": flood!.refusals.length,
    "given up": usual!.givenUp + flood!.givenUp,
    "most tries": Math.max(usual!.mostTries, flood!.mostTries),
    "p50 steady, ms": quantile(steady!.millis, 0.5),
    "p99 steady, ms": p99(steady!),
    "p50 of others in the burst, ms": quantile(usual!.millis, 0.5),
    "p99 of others in the burst, ms": p99(usual!),
  });
  expect(verdict).toMatchObject({ faults: [], lost: 0, doubled: 0, open: 0 });
  expect(refused.filter(({ code, retryAfter }) => !code || !(retryAfter >= 1))).toEqual([]);
  expect(refused.length).toBeGreaterThan(0); // otherwise there was no burst
  expect(usual!.refusals).toEqual([]);
  expect(usual!.givenUp + flood!.givenUp).toBe(0);
  expect(p99(usual!)).toBeLessThan(Math.max(2 * p99(steady!), noiseMs));
});

// Two cores hold the load, the system and whatever else runs: below this a difference says nothing of the system. The figures are printed.
const noiseMs = 750;

type Stream = { merchants: readonly Merchant[]; perSecond: number };
type Told = { code: string; retryAfter: number };
type Outcome = { millis: number[]; refusals: Told[]; givenUp: number; mostTries: number };

/** Asks at a steady pace whatever comes back, as many customers do; who is refused comes again when he is told to. */
async function pay(system: TestSystem, { seconds, streams }: { seconds: number; streams: readonly Stream[] }): Promise<Outcome[]> {
  return Promise.all(
    streams.map(async ({ merchants, perSecond }) => {
      const outcome: Outcome = { millis: [], refusals: [], givenUp: 0, mostTries: 0 };
      const start = performance.now();
      const customers: Promise<void>[] = [];
      for (let i = 0; i < seconds * perSecond; i++) {
        await sleep(start + (i / perSecond) * 1000 - performance.now());
        customers.push(customer(system, merchants[i % merchants.length]!, outcome));
      }
      await Promise.all(customers);
      return outcome;
    }),
  );
}

async function customer(system: TestSystem, merchant: Merchant, outcome: Outcome): Promise<void> {
  const key = randomUUID();
  const end = performance.now() + patienceSeconds * 1000;
  for (let tries = 1; ; tries++) {
    const start = performance.now();
    const { status, headers, body } = await system.pay(coffee, { key, merchant });
    outcome.mostTries = Math.max(outcome.mostTries, tries);
    if (status === 202 || status === 201) return void outcome.millis.push(performance.now() - start);
    const retryAfter = Number(headers.get("retry-after"));
    outcome.refusals.push({ code: body.code, retryAfter });
    if (performance.now() > end) return void outcome.givenUp++;
    await sleep(retryAfter * 1000);
  }
}

// Of each few hundred answers, and of those figures the median: one hiccup of the machine is no property of the system.
function p99({ millis }: Outcome): number {
  const windows = Array.from({ length: Math.floor(millis.length / windowAnswers) }, (_, i) =>
    millis.slice(i * windowAnswers, (i + 1) * windowAnswers),
  );
  return quantile(
    windows.map((window) => quantile(window, 0.99)),
    0.5,
  );
}

const windowAnswers = 200;

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
