import { describe, expect, test } from "vitest";
import { Lanes, type Place } from "../../../workloads/webhook/lanes.ts";

const lanesOf = (slots: number) => {
  let now = 0;
  const lanes = new Lanes({ slots, now: () => now, random: () => 0 });
  const enter = (endpointId: string, { merchantId = endpointId, failures = 0 } = {}) => lanes.enter({ endpointId, merchantId, failures });
  const fill = (count: number, endpointOf: (i: number) => string, more?: { merchantId?: string; failures?: number }): Place[] =>
    Array.from({ length: count }, (_, i) => enter(endpointOf(i), more)).filter((place): place is Place => "leave" in place);
  const pass = (ms: number): void => {
    now += ms;
  };
  return { enter, fill, pass };
};

describe("the slots of a process", () => {
  test("are not one endpoint's, nor one merchant's, nor those' that fail", () => {
    const { fill } = lanesOf(60);

    expect(fill(60, () => "one")).toHaveLength(12);
    expect(fill(60, (i) => `e${i}`, { merchantId: "many" })).toHaveLength(20);
    expect(fill(60, (i) => `f${i}`, { failures: 1 })).toHaveLength(30);
  });

  test("are given back", () => {
    const { fill, enter } = lanesOf(10);
    const [first] = fill(10, () => "one");
    expect(enter("one")).toHaveProperty("waitSeconds");

    first!.leave(true);

    expect(enter("one")).toHaveProperty("leave");
  });

  test("are one endpoint's one at a time from its first failure on, until it is well", () => {
    const { fill, enter } = lanesOf(60);
    (enter("one") as Place).leave(false);
    const [only, ...others] = fill(5, () => "one");
    expect(others).toEqual([]);

    only!.leave(true);

    expect(fill(60, () => "one")).toHaveLength(12);
  });
});

describe("who finds the lane full", () => {
  test("is told when it is his turn, behind those who wait already, by how long the receiver takes", () => {
    const { enter, fill, pass } = lanesOf(10); // two at once
    const slow = enter("one") as Place;
    pass(10_000);
    slow.leave(true); // a mean of some seconds by now
    fill(2, () => "one");

    const waits = Array.from({ length: 5 }, () => (enter("one") as { waitSeconds: number }).waitSeconds);

    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(waits[1]! - waits[0]!).toBeCloseTo(waits[4]! - waits[3]!, 5);
    expect(waits[0]).toBeGreaterThan(1);
  });

  test("waits a minute at most", () => {
    const { enter, fill } = lanesOf(10);
    fill(2, () => "one");
    const waits = Array.from({ length: 1_000 }, () => (enter("one") as { waitSeconds: number }).waitSeconds);

    expect(Math.max(...waits)).toBe(60);
  });
});
