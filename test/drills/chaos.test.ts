import { expect, test } from "vitest";
import { tell } from "../support/tell.ts";
import { startMachine } from "../workloads/crash/machine.ts";
import { killAtRandom } from "./killer.ts";
import { startLoad } from "./load.ts";
import { randomFrom } from "./random.ts";

const minutes = 60_000;
const payments = 20_000;
const killsEach = 3;

// Short leases, so that a minute holds many of them; an unknown outcome is asked about for longer than anything stays dead.
const shared = { VISIBILITY_SECONDS: "2" };
const env = {
  api: shared,
  dispatcher: shared,
  worker: { ...shared, LEASE_SECONDS: "3", PROVIDER_TIMEOUT_SECONDS: "1", RESOLVE_SCHEDULE_SECONDS: "1,1,2,2,5,5,5,10,10,10,10,10" },
};

test(`${payments} payments with faults at the provider, while every process is killed again and again: none is lost, none doubled`, {
  timeout: 5 * minutes,
}, async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  const started = performance.now();
  const seconds = (): string => ((performance.now() - started) / 1000).toFixed(0);
  process.stdout.write(`chaos with SEED=${seed}\n`);
  await using machine = await startMachine({ env });
  const { postgres, redis, simulator, api, dispatcher, workers, merchant } = machine;
  const victims = [postgres, redis, simulator, api, dispatcher, ...workers];
  await machine.startAll();
  await machine.behave({ errorRate: 0.05, unknownRate: 0.05, declineRate: 0.05, latencyMs: 5 });

  const load = startLoad(merchant, { payments, perSecond: 300, clients: 64, keyPrefix: `chaos-${seed}` });
  const killing = killAtRandom({ victims, killsEach, pauseMs: [300, 3_500], deadMs: [0, 1_500], random: randomFrom(seed) });
  const progress = setInterval(() => {
    const deaths = victims.reduce((sum, victim) => sum + victim.kills, 0);
    process.stdout.write(`${seconds()} s: ${merchant.accepted.size} accepted of ${load.begun()} asked for, ${deaths} kills\n`);
  }, 10_000);
  try {
    await Promise.all([load.done, killing]);
    await machine.settled(90);
  } finally {
    clearInterval(progress);
  }
  const verdict = await machine.judge();
  const found = await foundByTheMerchant([...merchant.accepted.values()]);

  const { faults, ...figures } = verdict;
  const kills = Object.fromEntries(victims.map((victim) => [`kills of ${victim.name}`, victim.kills]));
  tell("everything is killed, again and again", { ...figures, found, repeats: merchant.repeats(), seconds: Number(seconds()), ...kills });
  expect(faults).toEqual([]);
  expect(figures).toMatchObject({ accepted: payments, lost: 0, doubled: 0, open: 0, needsReview: 0 });
  expect(found).toBe(payments);
  expect(figures.effects).toBe(figures.succeeded);
  expect(figures.journals).toBe(figures.effects);
  expect(figures.succeeded + figures.declined).toBe(payments);

  async function foundByTheMerchant(ids: string[]): Promise<number> {
    let there = 0;
    async function look(): Promise<void> {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
        const told = await merchant.get(id);
        if (told?.status === 200 && (told.payment.status === "succeeded" || told.payment.status === "failed")) there += 1;
      }
    }
    await Promise.all(Array.from({ length: 32 }, look));
    return there;
  }
});
