import { expect, test } from "vitest";
import { Drain } from "../../../workloads/dispatcher/drain.ts";

/** What is said at each count, every two seconds, of what was done since the last and is open. */
function said(counts: readonly { done: number; depth: number }[]): number[] {
  let [now, done] = [0, 0];
  const drain = new Drain(() => now);
  return counts.map((count) => {
    now += 2_000;
    done += count.done;
    return drain.perSecond("payments", done, count.depth);
  });
}
const each = (done: number, depth: number) => ({ done, depth });

test("a dispatcher that has just been started knows no rate, so that what workers did in their own first seconds is not taken for what they can do", () => {
  const rates = said([each(0, 300), each(1, 300), each(0, 400), ...Array.from({ length: 20 }, () => each(100, 300))]);

  expect(rates.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
  expect(Math.min(...rates.slice(6))).toBeGreaterThan(10);
  expect(rates.at(-1)).toBeCloseTo(50, -1);
});

test("a rate falls with what is done while much is open, and does not while there is nothing to do", () => {
  const busy = Array.from({ length: 10 }, () => each(100, 300));

  expect(said([...busy, ...Array.from({ length: 10 }, () => each(2, 900))]).at(-1)).toBeLessThan(20);
  expect(said([...busy, ...Array.from({ length: 10 }, () => each(0, 0))]).at(-1)).toBeCloseTo(50);
});
