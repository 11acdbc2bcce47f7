import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { boundBy, figuresOf, measured, measuredRates, modelled } from "./capacity.ts";
import type { Round } from "./figures.ts";
import { allSettled, held, load, type Stage, sweepTables } from "./stage.ts";
import { forEach, type Used, usedBy } from "./used.ts";

/**
 * What one whole payment costs where payments come as fast as they can, what others would cost by that, and what they do cost at rates that
 * this machine can take.
 */
export async function costsRound(stage: Stage, { seconds }: { readonly seconds: number }): Promise<Round> {
  using still = held(stage);
  await sweepTables(stage.postgresUrl);
  await sleep(1_500); // until each API has seen that nothing waits: who remembers a long queue, and nobody who works on it, refuses
  const before = await usedBy(stage);
  const start = performance.now();
  const { good } = await load(stage, `--seconds=${seconds}`);
  const waiting = forEach(good, before, await usedBy(stage)).redis;
  still[Symbol.dispose]();
  await allSettled(stage.postgresUrl, 300_000);
  const perSecond = (good / (performance.now() - start)) * 1_000;
  const forOne = forEach(good, before, await usedBy(stage));

  const inSecond: Used[] = [];
  for (const rate of measuredRates) inSecond.push(await atRate(stage, rate, seconds));
  return {
    ...figuresOf(forOne),
    "bytes of Redis for a payment that waits": waiting,
    "whole payments/s": perSecond,
    "whole payments/s that the cores would do by these times": boundBy(cpus().length, forOne),
    ...Object.assign({}, ...measuredRates.map((rate, i) => measured(rate, inSecond[i]!))),
    ...modelled(inSecond[0]!, forOne, waiting),
  };
}

/** What is used in a second while payments come so fast, and are worked on as they come. */
async function atRate(stage: Stage, rate: number, seconds: number): Promise<Used> {
  await sweepTables(stage.postgresUrl);
  await sleep(1_000); // what the work before has left behind
  const before = await usedBy(stage);
  if (rate === 0) await sleep(seconds * 2_000);
  const { good } = rate === 0 ? { good: 0 } : await load(stage, `--seconds=${seconds * 2}`, `--rate=${rate}`);
  await allSettled(stage.postgresUrl, 60_000);
  return forEach(rate === 0 ? seconds * 2 : good / rate, before, await usedBy(stage));
}
