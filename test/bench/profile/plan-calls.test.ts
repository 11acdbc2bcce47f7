import { describe, expect, test } from "vitest";
import type { Call } from "./calls.ts";
import type { Explained } from "./explained.ts";
import { planCalls, type Work } from "./plan-calls.ts";
import recorded from "./recorded.json" with { type: "json" };

// As Postgres 15 told of batches of 128; then still with a trigger `edges` before each change of a payment.
const { claim, settle }: Record<"claim" | "settle", Explained> = recorded;
const before = new Set(["payments.edges", "events.append_only"]);

describe("the time of a statement", () => {
  test("is that of its steps, and of what stands beside them, all of it and nothing twice", () => {
    const [settled, claimed, twice] = [treeOf(settle), treeOf(claim), planCalls("settle", [settle, settle], before)];

    expect(ownOf(settled)).toBeCloseTo(settle["Planning Time"] + settle["Execution Time"], 6);
    expect(ownOf(claimed)).toBeCloseTo(claim["Planning Time"] + claim["Execution Time"], 6);
    expect(twice.all).toBeCloseTo(2 * settled.all, 6);
    expect([settled, claimed].flatMap(flat).filter(({ own }) => own < 0)).toEqual([]);
  });

  test("counts a part once, and not in those who read it: `delivering` waits for `told`, and that for `paid`", () => {
    const settled = treeOf(settle);

    expect(at(settled, "done").all).toBeCloseTo(2.022, 6);
    expect(at(settled, "CTE Scan done").all).toBeCloseTo(2.092 - 2.022, 6);
    expect(at(settled, "paid").all).toBeCloseTo(1.325, 6);
    expect(at(settled, "paid", "Update payments", "Nested Loop", "CTE Scan done").all).toBeCloseTo(0.067, 6); // it was run, and is kept
    expect(at(settled, "told", "Insert events", "CTE Scan paid").all).toBeCloseTo(1.629 - 1.325, 6);
    expect(at(settled, "delivering").all).toBeCloseTo(2.344 - 2.214, 6);
  });

  test("counts what one step returns to another where it is waited for, not where Postgres lists it", () => {
    const update = at(treeOf(claim), "Update operations");

    expect(update.own).toBeCloseTo(0.741 - 0.374, 6);
    expect(at(update, "Tid Scan operations").own).toBeCloseTo(0.374 - 0.309, 6);
    expect(at(update, "Tid Scan operations", "CTE Scan free").own).toBeCloseTo(0.309 - 0.283, 6);
  });

  test("has a trigger before a change within it, and one after a statement beside it", () => {
    const settled = treeOf(settle);
    const update = at(settled, "paid", "Update payments");

    expect(at(update, "trigger edges").all).toBe(0.58);
    expect(update.own).toBeCloseTo(1.325 - 0.374 - 0.58, 6);
    expect(at(settled, "posted", "trigger balanced").all).toBe(0.251);
    expect(at(settled, "posted", "Insert ledger_entries").all).toBeCloseTo(2.369, 6);
    expect(at(settled, "told", "trigger in_time").all).toBe(0.022);
  });

  test("is not told of where the steps took longer: then the plan is of a kind that is not understood here", () => {
    expect(() => treeOf({ ...settle, "Execution Time": 6 })).toThrow(/the steps of settle took .* longer than it did/);
  });
});

const treeOf = (run: Explained) => planCalls(run === claim ? "claim" : "settle", [run], before);
const flat = (call: Call<Work>): Call<Work>[] => [call, ...[...call.calls.values()].flatMap(flat)];
const ownOf = (call: Call<Work>): number => flat(call).reduce((sum, { own }) => sum + own, 0);

function at(call: Call<Work>, ...names: string[]): Call<Work> {
  return names.reduce((caller, name) => caller.calls.get(name) ?? expect.fail(`${name} is not under ${caller.name}`), call);
}
