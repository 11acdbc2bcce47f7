import type { Currency } from "./money.ts";
import type { OperationKind, OperationState } from "./operation.ts";
import type { DeclineCode, Payment } from "./payment.ts";

/** What a merchant may ask of a payment that was made. */
export type FollowUpKind = Extract<OperationKind, "capture" | "void" | "refund">;

/** A capture, cancellation or refund, as it stands. `needs_review`: nobody could tell what the provider did, and a human looks at it. */
export type FollowUp = {
  readonly bucket: number;
  readonly id: string;
  readonly kind: FollowUpKind;
  readonly paymentId: string;
  readonly state: OperationState;
  readonly amount: number;
  readonly currency: Currency;
  readonly reason: string | null;
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly declineCode: DeclineCode | null;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
};

/** Why a payment cannot be captured, canceled or refunded now. */
export type Obstacle = "outcome_unknown" | "in_progress" | "wrong_status" | "amount_too_large";

/** The most that may be asked for: of a refund, what was captured and neither given back nor asked back yet. */
export function mostOf(kind: FollowUpKind, { amount, captured, refunded, refunding }: Payment): number {
  return kind === "refund" ? captured - refunded - refunding : amount;
}

/** What stands in the way of it. The same rules stand in the statement that accepts it, where the row's lock makes them hold. */
export function obstacleTo(kind: FollowUpKind, amount: number, payment: Payment): Obstacle | undefined {
  if (payment.outcome === "unknown") return "outcome_unknown";
  if (payment.pending !== null) return "in_progress";
  if (payment.status !== (kind === "refund" ? "succeeded" : "requires_capture")) return "wrong_status";
  return amount > mostOf(kind, payment) ? "amount_too_large" : undefined;
}
