import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { Agent, request } from "undici";
import type { Outcome, Pace, Payers } from "./customers.ts";

const { api, secretKeys, patienceSeconds }: Payers = workerData;
const body = JSON.stringify({ amount: 35_000, currency: "THB", method: { type: "card", token: "tok_visa" } });
const dispatcher = new Agent({ connections: 128, keepAliveTimeout: 10_000 });

parentPort!.on("message", async (pace: Pace) => parentPort!.postMessage(await pay(pace)));

/** At a steady pace whatever comes back; who is refused comes again when he is told to. */
async function pay({ perSecond, seconds }: Pace): Promise<Outcome> {
  const outcome: Outcome = { millis: [], refusals: [], givenUp: 0, mostTries: 0, accepted: [] };
  const start = performance.now();
  const customers: Promise<void>[] = [];
  for (let i = 0; i < seconds * perSecond; i++) {
    await sleep(Math.max(0, start + (i / perSecond) * 1000 - performance.now()));
    customers.push(customer(secretKeys[i % secretKeys.length]!, outcome));
  }
  await Promise.all(customers);
  return outcome;
}

async function customer(secretKey: string, outcome: Outcome): Promise<void> {
  const key = randomUUID();
  const headers = { authorization: `Bearer ${secretKey}`, "content-type": "application/json", "idempotency-key": key };
  const end = performance.now() + patienceSeconds * 1000;
  for (let tries = 1; ; tries++) {
    const start = performance.now();
    const answer = await request(`${api}/v1/payments`, { method: "POST", headers, body, dispatcher });
    const told = (await answer.body.json()) as { id: string; code: string };
    outcome.mostTries = Math.max(outcome.mostTries, tries);
    if (answer.statusCode === 202 || answer.statusCode === 201) {
      outcome.millis.push(performance.now() - start);
      return void outcome.accepted.push([key, told.id]);
    }
    const retryAfter = Number(answer.headers["retry-after"]);
    outcome.refusals.push({ code: told.code, retryAfter });
    if (performance.now() > end) return void outcome.givenUp++;
    await sleep(retryAfter * 1000);
  }
}
