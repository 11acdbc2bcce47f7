import { expect, test } from "vitest";
import { compile } from "../../operator/local/workload.ts";
import { compileCache } from "../support/set-up.ts";
import { tell } from "../support/tell.ts";
import { startMachine } from "../workloads/crash/machine.ts";
import { startLoad } from "./load.ts";
import { residentMiB, watchResident } from "./resident.ts";

const minutes = 60_000;
const perSecond = 250;
const warmUp = 10_000; // what is compiled, cached and pooled has been by then
const soaked = 25_000; // an hour of seven payments a second

const restSeconds = 10;
const mostMiBAtRest = 130;
// The noise of a collector that runs when it likes lies between -1 and 6; a leak of 1 KiB for each payment would be 15.
const growthMiBPerMinute = 12;

test("an hour's worth of payments leaves no process larger than it found it", { timeout: 6 * minutes }, async () => {
  await compile({ cache: compileCache, path: process.env.PATH ?? "" }); // as an image is built, and as local mode starts
  await using machine = await startMachine();
  const { merchant, api, dispatcher, workers } = machine;
  await machine.startAll();
  await startLoad(merchant, { payments: warmUp, perSecond, clients: 32, keyPrefix: "warm-up" }).done;

  const resident = watchResident([api, dispatcher, ...workers], 1_000);
  const start = performance.now();
  await startLoad(merchant, { payments: soaked, perSecond, clients: 32, keyPrefix: "soak" }).done;
  const seconds = Math.round((performance.now() - start) / 1000);
  const figures = [...resident.stop()];
  await machine.settled(60);
  await new Promise((resolve) => setTimeout(resolve, restSeconds * 1000));
  const atRest = new Map([api, dispatcher, ...workers].map(({ name, pid }) => [name, residentMiB(pid!)]));

  const lines = figures.flatMap(([name, figure]) => [
    [`${name}: most under load, MiB`, Math.round(figure.mostMiB)] as const,
    [`${name}: at rest after it, MiB`, Math.round(atRest.get(name)!)] as const,
    [`${name}: growth, MiB a minute`, Number(figure.growthMiBPerMinute.toFixed(1))] as const,
  ]);
  tell("an hour of usual load, in minutes", { payments: soaked, seconds, ...Object.fromEntries(lines) });
  for (const [name, figure] of figures) {
    expect(atRest.get(name), `resident memory of ${name}`).toBeLessThan(mostMiBAtRest);
    expect(figure.growthMiBPerMinute, `growth of ${name}`).toBeLessThan(growthMiBPerMinute);
  }
  expect(await machine.judge()).toMatchObject({ faults: [], succeeded: warmUp + soaked, effects: warmUp + soaked });
});
