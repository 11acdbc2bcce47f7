import { type Round, spread } from "./figures.ts";
import { load, type Stage } from "./stage.ts";

export const tailRatio = "p99 at 70 % over p99 at 10 %";
const slices = 4;

/**
 * How long answers take at a part of the highest rate. What that rate is drifts with a shared machine's speed within seconds, and beyond it nothing but
 * the queue is measured: so it is found anew for every slice, and the tails are compared within one.
 */
export async function tailsUnderLoad(stage: Stage, seconds: number): Promise<Round> {
  const found: Round[] = [];
  for (let slice = 0; slice < slices; slice++) {
    const { perSecond } = await load(stage, `--seconds=${seconds / 2}`);
    const at = (part: number) => load(stage, `--seconds=${seconds / 2}`, `--rate=${Math.round(perSecond * part)}`);
    const busy = await at(0.7);
    const calm = await at(0.1);
    found.push({
      "p50 ms at 10 %": calm.p50,
      "p99 ms at 10 %": calm.p99,
      "p50 ms at 70 %": busy.p50,
      "p99 ms at 70 %": busy.p99,
      [tailRatio]: busy.p99 / calm.p99,
    });
  }
  return Object.fromEntries(Object.keys(found[0]!).map((name) => [name, spread(found.map((slice) => slice[name]!)).median]));
}
