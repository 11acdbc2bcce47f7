import { expect, test } from "vitest";
import { type Merchant, startSystem } from "../support/system.ts";
import { tell } from "../support/tell.ts";
import { judge } from "../workloads/crash/judge.ts";
import { customersOf, type Outcome } from "./customers.ts";

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
  const payers = (merchants: Merchant[]) => ({ api: system.api, secretKeys: merchants.map(({ secretKey }) => secretKey), patienceSeconds });
  await using usualCustomers = customersOf(payers(shops));
  await using saleCustomers = customersOf(payers([sale]));

  const first = await usualCustomers.pay({ perSecond: steadyPerSecond, seconds: 5 }); // compiled, pooled and cached
  const steady = await usualCustomers.pay({ perSecond: steadyPerSecond, seconds: steadySeconds });
  const [usual, flood] = await Promise.all([
    usualCustomers.pay({ perSecond: 2 * steadyPerSecond, seconds: burstSeconds }),
    saleCustomers.pay({ perSecond: 8 * steadyPerSecond, seconds: burstSeconds }),
  ]);
  await system.settled(2 * minutes);

  const accepted = new Map([first, steady, usual, flood].flatMap((outcome) => outcome.accepted));
  const verdict = await judge({ databaseUrl: system.databaseUrl, simulatorUrl: system.simulator, accepted });
  const refused = [...usual.refusals, ...flood.refusals];
  tell("ten times the traffic, eight of ten parts of it from one merchant", {
    "accepted, all": verdict.accepted,
    lost: verdict.lost,
    doubled: verdict.doubled,
    "accepted of others in the burst": usual.millis.length,
    "refused of others": usual.refusals.length,
    "accepted of the sale": flood.millis.length,
    "refused of the sale": flood.refusals.length,
    "given up": usual.givenUp + flood.givenUp,
    "most tries": Math.max(usual.mostTries, flood.mostTries),
    "p50 steady, ms": quantile(steady.millis, 0.5),
    "p99 steady, ms": p99(steady),
    "p50 of others in the burst, ms": quantile(usual.millis, 0.5),
    "p99 of others in the burst, ms": p99(usual),
  });
  expect(verdict).toMatchObject({ faults: [], lost: 0, doubled: 0, open: 0 });
  expect(refused.filter(({ code, retryAfter }) => !code || !(retryAfter >= 1))).toEqual([]);
  expect(refused.length).toBeGreaterThan(0); // otherwise there was no burst
  expect(usual.refusals).toEqual([]);
  expect(usual.givenUp + flood.givenUp).toBe(0);
  expect(p99(usual)).toBeLessThan(Math.max(2 * p99(steady), noiseMs));
});

// Two cores hold the load, the system and whatever else runs: below this a difference says nothing of the system. The figures are printed.
const noiseMs = 250;

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
