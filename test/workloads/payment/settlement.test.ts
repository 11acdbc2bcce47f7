import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Currency } from "../../../workloads/payment/money.ts";
import {
  type Answer,
  isOpen,
  type MoneyKind,
  operationEdges,
  operationKinds,
  operationStates,
} from "../../../workloads/payment/operation.ts";
import { mayMove, type PaymentStatus } from "../../../workloads/payment/payment.ts";
import { needsReview, settlementOf } from "../../../workloads/payment/settlement.ts";

const moneyKinds = operationKinds.filter((kind): kind is MoneyKind => kind !== "deliver");
const baht = "THB" as Currency;
const yes: Answer = { kind: "succeeded", providerReference: "ch_1", fee: 6 };
const no: Answer = { kind: "declined", code: "insufficient_funds", providerReference: null };

const operation = (kind: MoneyKind, amount = 350) => ({ kind, provider: "simulator", amount, currency: baht });

/** In which states of its payment an operation of a kind may be open. */
const askedIn: { readonly [kind in MoneyKind]: PaymentStatus } = {
  charge: "processing",
  authorize: "processing",
  capture: "requires_capture",
  void: "requires_capture",
  expire: "requires_capture",
  refund: "succeeded",
};

describe("a settlement", () => {
  test.each([
    ["charge", yes, "succeeded", 350, 0, "payment.succeeded"],
    ["charge", no, "failed", 0, 0, "payment.failed"],
    ["authorize", yes, "requires_capture", 0, 0, "payment.requires_capture"],
    ["authorize", no, "failed", 0, 0, "payment.failed"],
    ["capture", yes, "succeeded", 350, 0, "payment.succeeded"],
    ["capture", no, null, 0, 0, "payment.capture_failed"],
    ["void", yes, "canceled", 0, 0, "payment.canceled"],
    ["void", no, null, 0, 0, "payment.cancel_failed"],
    ["expire", yes, "expired", 0, 0, "payment.expired"],
    ["expire", no, null, 0, 0, null],
    ["refund", yes, null, 0, 350, "refund.succeeded"],
    ["refund", no, null, 0, 0, "refund.failed"],
  ] as const)("of a %s that was %o", (kind, answer, status, captured, refunded, event) => {
    const settlement = settlementOf(operation(kind), answer);

    expect(settlement).toMatchObject({ state: answer.kind, status, captured, refunded, event });
  });

  test("moves a payment only along its edges, for every kind and answer", () => {
    const bad = moneyKinds.flatMap((kind) =>
      [yes, no]
        .map((answer) => ({ from: askedIn[kind], to: settlementOf(operation(kind), answer).status }))
        .filter(({ from, to }) => to && !mayMove(from, to)),
    );

    expect(bad).toEqual([]);
  });

  test("posts a journal that sums to zero, whatever the amount and the fee", () => {
    const amounts = fc.integer({ min: 1, max: 1_000_000_000_000 });
    fc.assert(
      fc.property(fc.constantFrom(...moneyKinds), amounts, fc.nat(1_000_000_000), fc.boolean(), (kind, amount, fee, succeeded) => {
        const { journal } = settlementOf(operation(kind, amount), succeeded ? { ...yes, fee } : no);

        expect(journal.reduce((sum, line) => sum + line.amount, 0)).toBe(0);
        expect(journal.every((line) => line.amount !== 0 && line.currency === baht)).toBe(true);
      }),
    );
  });

  test("of a charge takes the fee out of what the merchant is owed", () => {
    const { journal } = settlementOf(operation("charge", 10_000), { ...yes, fee: 165 });
    const balance = (account: string) => journal.filter((line) => line.account === account).reduce((sum, line) => sum + line.amount, 0);

    expect(balance("provider.receivable:simulator")).toBe(9_835);
    expect(balance("merchant.pending")).toBe(-9_835);
  });

  test("that nobody could decide moves nothing", () => {
    expect(needsReview).toMatchObject({ state: "needs_review", status: null, captured: 0, refunded: 0, journal: [] });
  });
});

describe("an operation", () => {
  test("never leaves unknown but to a definite answer or a human", () => {
    expect(operationEdges.unknown).toEqual(["succeeded", "declined", "needs_review"]);
  });

  test("is open exactly while something can still happen by itself", () => {
    expect(operationStates.filter(isOpen)).toEqual(["queued", "sent", "unknown"]);
    expect(operationStates.filter((state) => !isOpen(state) && operationEdges[state].length > 0)).toEqual([]);
  });
});
