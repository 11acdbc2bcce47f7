import { describe, expect, test } from "vitest";
import { retryBudget } from "../../../workloads/provider/retry-budget.ts";

function budgetWithClock() {
  let now = 0;
  const budget = retryBudget({ share: 0.2, perSecond: 10, most: 50 }, () => now);
  const takeAll = (): number => {
    let taken = 0;
    while (budget.take()) taken += 1;
    return taken;
  };
  return { budget, takeAll, pass: (ms: number) => (now += ms) };
}

describe("a retry budget", () => {
  test("lets so many retries be under way, then a few a second", () => {
    const { takeAll, pass } = budgetWithClock();

    expect(takeAll()).toBe(50);
    pass(1_000);
    expect(takeAll()).toBe(10);
  });

  test("grows by a fifth of the first calls", () => {
    const { budget, takeAll } = budgetWithClock();
    takeAll();

    for (let i = 0; i < 101; i++) budget.firstCall();

    expect(takeAll()).toBe(20);
  });

  test("never holds more than its most", () => {
    const { budget, takeAll, pass } = budgetWithClock();

    pass(3_600_000);
    for (let i = 0; i < 1_000; i++) budget.firstCall();

    expect(takeAll()).toBe(50);
  });

  test("holds nothing back while retries are answered", () => {
    const { budget } = budgetWithClock();

    let refused = 0;
    for (let i = 0; i < 10_000; i++) {
      if (budget.take()) budget.giveBack();
      else refused += 1;
    }

    expect(refused).toBe(0);
  });
});
