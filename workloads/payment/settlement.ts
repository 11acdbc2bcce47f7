import type { Currency } from "./money.ts";
import type { Answer, MoneyKind } from "./operation.ts";
import type { DeclineCode, PaymentStatus } from "./payment.ts";
import { journalOf, type Posting, refundFailed } from "./posting.ts";

/** What merchants are told of. One event for each change. */
export const eventTypes = [
  "payment.succeeded",
  "payment.failed",
  "payment.requires_capture",
  "payment.capture_failed",
  "payment.canceled",
  "payment.cancel_failed",
  "payment.expired",
  "refund.succeeded",
  "refund.failed",
  "operation.needs_review",
] as const;
export type EventType = (typeof eventTypes)[number];

/** Everything that one commit writes when an operation ends. `status: null` leaves the payment where it stands. */
export type Settlement = {
  readonly state: "succeeded" | "declined" | "needs_review";
  readonly providerReference: string | null;
  readonly declineCode: DeclineCode | null;
  readonly status: PaymentStatus | null;
  readonly captured: number;
  readonly refunded: number;
  readonly journal: readonly Posting[];
  /** `null`: it is nothing that a merchant would have to know. */
  readonly event: EventType | null;
  /** When what was authorized is let go, if it was not captured by then. */
  readonly expiresInSeconds: number | null;
};

/** For how long money is held where the provider does not say. */
const usualHoldSeconds = 7 * 86_400;

export type Settleable = { kind: MoneyKind; provider: string; amount: number; currency: Currency };

/** What a definite answer means for the operation, the payment and the books. Pure: the caller writes it, in one commit. */
export function settlementOf(operation: Settleable, answer: Answer): Settlement {
  const { kind } = operation;
  if (answer.kind === "declined") {
    const { status, event } = whenDeclined(kind);
    const journal = kind === "refund" ? refundFailed(operation.amount, operation.currency) : [];
    return { ...unmoved, state: "declined", providerReference: answer.providerReference, declineCode: answer.code, status, journal, event };
  }
  const { status, event } = whenSucceeded(kind);
  return {
    state: "succeeded",
    providerReference: answer.providerReference,
    declineCode: null,
    status,
    captured: kind === "charge" || kind === "capture" ? operation.amount : 0,
    refunded: kind === "refund" ? operation.amount : 0,
    journal: journalOf({ ...operation, fee: answer.fee }),
    event,
    expiresInSeconds: kind === "authorize" ? (answer.holdSeconds ?? usualHoldSeconds) : null,
  };
}

/** Nobody could tell what happened: a human decides, and until then the payment stays unknown and cannot be charged again. */
export const needsReview: Settlement = {
  state: "needs_review",
  providerReference: null,
  declineCode: null,
  status: null,
  captured: 0,
  refunded: 0,
  journal: [],
  event: "operation.needs_review",
  expiresInSeconds: null,
};

const unmoved = { captured: 0, refunded: 0, expiresInSeconds: null };

function whenSucceeded(kind: MoneyKind): { status: PaymentStatus | null; event: EventType } {
  switch (kind) {
    case "charge":
    case "capture":
      return { status: "succeeded", event: "payment.succeeded" };
    case "authorize":
      return { status: "requires_capture", event: "payment.requires_capture" };
    case "void":
      return { status: "canceled", event: "payment.canceled" };
    case "expire":
      return { status: "expired", event: "payment.expired" };
    case "refund":
      return { status: null, event: "refund.succeeded" };
  }
}

function whenDeclined(kind: MoneyKind): { status: PaymentStatus | null; event: EventType | null } {
  switch (kind) {
    case "charge":
    case "authorize":
      return { status: "failed", event: "payment.failed" };
    case "capture":
      return { status: null, event: "payment.capture_failed" };
    case "void":
      return { status: null, event: "payment.cancel_failed" };
    case "expire":
      return { status: null, event: null }; // it was captured or canceled just before, and that is told
    case "refund":
      return { status: null, event: "refund.failed" };
  }
}
