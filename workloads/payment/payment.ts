import type { Currency } from "./money.ts";

/** Where a payment stands. Partial amounts, refunds and disputes are fields and objects, not states. */
export const paymentStatuses = ["processing", "requires_action", "requires_capture", "succeeded", "failed", "canceled", "expired"] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

/**
 * Every move that a payment can make. The same list stands in the database (`satang.may_move`), which refuses any other;
 * a test holds the two against each other. `expired → succeeded` happens only by a late payment.
 */
export const edges: { readonly [from in PaymentStatus]: readonly PaymentStatus[] } = {
  processing: ["requires_action", "requires_capture", "succeeded", "failed"],
  requires_action: ["processing", "succeeded", "expired", "canceled"],
  requires_capture: ["succeeded", "canceled", "expired"],
  succeeded: [],
  failed: [],
  canceled: [],
  expired: ["succeeded"],
};

export const mayMove = (from: PaymentStatus, to: PaymentStatus): boolean => edges[from].includes(to);

/** Nothing more will happen to it by itself, so it may be cached. (`expired` may still be paid late; a refund changes its version.) */
export const isTerminal = (status: PaymentStatus): boolean =>
  status !== "processing" && status !== "requires_action" && status !== "requires_capture";

export type Mode = "test" | "live";
export type CaptureMethod = "automatic" | "manual";

/** How the payer pays. Only a provider's token is ever taken; a card number is refused at the door. */
export type Method = { readonly type: "card"; readonly token: string };

/** What a merchant asks for. Amounts are minor units of `currency`. */
export type Payment = {
  readonly bucket: number;
  readonly merchantId: string;
  readonly id: string;
  readonly mode: Mode;
  readonly status: PaymentStatus;
  /** Set while we do not know what the provider did: nothing may be charged, captured or refunded meanwhile. */
  readonly outcome: "unknown" | null;
  readonly amount: number;
  readonly currency: Currency;
  readonly captured: number;
  readonly refunded: number;
  /** Asked to be given back, and neither done nor refused yet. */
  readonly refunding: number;
  /** The one operation under way that is about to change where it stands. */
  readonly pending: "capture" | "void" | null;
  readonly capture: CaptureMethod;
  /** How it is paid. The token stays with the operation that uses it. */
  readonly method: Pick<Method, "type">;
  readonly provider: string;
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly failureCode: DeclineCode | null;
  /** Until when what was authorized can be captured. */
  readonly captureBefore: Date | null;
  /** Grows by one with each change; the ETag is made from it. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** Why a provider said no, in our words; each adapter maps its own codes to these. */
export const declineCodes = [
  "card_declined",
  "insufficient_funds",
  "expired_card",
  "stolen_or_lost_card",
  "suspected_fraud",
  "invalid_token",
  "amount_not_allowed",
  "currency_not_supported",
  "refused_by_provider",
] as const;
export type DeclineCode = (typeof declineCodes)[number];
