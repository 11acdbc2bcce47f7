import { describe, expect, test } from "vitest";
import { noHistory, recommend } from "../../../operator/scaling/recommend.ts";

const usual = { depthPerPod: 10, bounds: { min: 1, max: 20 }, scaleDownSeconds: 300 };

/** Depths as they are counted every 5 s, and the pods that follow from them. */
function follow(
  depths: readonly (number | undefined)[],
  { current = 1, ...fields }: Partial<typeof usual> & { current?: number } = {},
): number[] {
  let history = noHistory;
  let pods = current;
  return depths.map((depth, index) => {
    const next = recommend({ ...usual, ...fields, current: pods, depth, history, now: index * 5 });
    history = next.history;
    pods = next.pods;
    return pods;
  });
}
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe("a pool that the operator scales itself", () => {
  test("grows at once by as many as it takes, up to its most", () => {
    expect(follow([0, 95, 10_000])).toEqual([1, 10, 20]);
  });

  test("stays as it is for a tenth more or less", () => {
    expect(follow([109, 91, 112], { current: 10 })).toEqual([10, 10, 12]);
  });

  test("shrinks when the queue was shorter for the whole window, by half a minute, or by one", () => {
    const pods = follow([200, ...times(60, 0), ...times(60, 0)]);

    expect(pods.slice(0, 60)).toEqual(times(60, 20)); // until the last high count is out of the window
    expect([...new Set(pods)]).toEqual([20, 10, 5, 2, 1]);
    expect(pods.indexOf(5) - pods.indexOf(10)).toBe(12); // a minute
  });

  test("takes back at once what it has added in the same minute", () => {
    expect(follow([95, ...times(8, 0)], { scaleDownSeconds: 20 }).at(-1)).toBe(1);
  });

  test("is within its bounds at once when these change, also while the depth is unknown", () => {
    expect(follow([undefined], { current: 20, bounds: { min: 1, max: 2 } })).toEqual([2]);
    expect(follow([0], { current: 1, bounds: { min: 3, max: 5 } })).toEqual([3]);
  });

  test("changes nothing while the depth is unknown, and does not take that for none", () => {
    const pods = follow([95, ...times(100, undefined), 80, 80], { scaleDownSeconds: 30 });

    expect(pods.slice(0, 101)).toEqual(times(101, 10));
    expect(pods.at(-1)).toBeGreaterThanOrEqual(8);
  });

  test("goes down to none where it may, and comes back for the first operation", () => {
    expect(follow([0, 0, 1], { bounds: { min: 0, max: 5 }, scaleDownSeconds: 0 })).toEqual([0, 0, 1]);
  });
});
