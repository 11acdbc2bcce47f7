import { describe, expect, test } from "vitest";
import { edges, isTerminal, mayMove, type PaymentStatus, paymentStatuses } from "../../../workloads/payment/payment.ts";

describe("a payment", () => {
  // Every state against every state: a move that is added or lost shows here, in the shape of the machine.
  test("moves only along these edges", () => {
    const machine = Object.fromEntries(paymentStatuses.map((from) => [from, paymentStatuses.filter((to) => mayMove(from, to))]));

    expect(machine).toEqual({
      processing: ["requires_action", "requires_capture", "succeeded", "failed"],
      requires_action: ["processing", "succeeded", "canceled", "expired"],
      requires_capture: ["succeeded", "canceled", "expired"],
      succeeded: [],
      failed: [],
      canceled: [],
      expired: ["succeeded"],
    });
  });

  test("never moves to where it stands", () => {
    expect(paymentStatuses.filter((status) => mayMove(status, status))).toEqual([]);
  });

  test("is left in a terminal state by nothing but a late payment", () => {
    const leaving = paymentStatuses.filter(isTerminal).flatMap((from) => edges[from].map((to) => `${from} → ${to}`));

    expect(leaving).toEqual(["expired → succeeded"]);
  });

  test("can reach an end from every state", () => {
    const reachesEnd = (status: PaymentStatus, seen: PaymentStatus[] = []): boolean =>
      isTerminal(status) || edges[status].some((to) => !seen.includes(to) && reachesEnd(to, [...seen, status]));

    expect(paymentStatuses.filter((status) => !reachesEnd(status))).toEqual([]);
  });
});
