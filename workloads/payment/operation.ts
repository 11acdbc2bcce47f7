import type { Currency } from "./money.ts";
import type { DeclineCode, Method } from "./payment.ts";

/** One thing that we ask the outside to do. */
export const operationKinds = ["charge", "authorize", "capture", "void", "refund", "expire", "deliver"] as const;
export type OperationKind = (typeof operationKinds)[number];

/** Operations that ask a provider to move, hold or release money; `deliver` asks a merchant to listen. */
export type MoneyKind = Exclude<OperationKind, "deliver">;

/** `queued`: nothing was sent. `sent`: intent is recorded, the call may have happened. `unknown`: it was made, and no answer came. */
export const operationStates = ["queued", "sent", "unknown", "succeeded", "declined", "needs_review"] as const;
export type OperationState = (typeof operationStates)[number];

/** Open operations are the outbox, the timer and the queue depth in one. */
export const isOpen = (state: OperationState): boolean => state === "queued" || state === "sent" || state === "unknown";

/** Every move of an operation. Nothing leaves a definite answer; `needs_review` is left by a human only. */
export const operationEdges: { readonly [from in OperationState]: readonly OperationState[] } = {
  queued: ["sent"],
  sent: ["queued", "unknown", "succeeded", "declined", "needs_review"],
  unknown: ["succeeded", "declined", "needs_review"],
  succeeded: [],
  declined: [],
  needs_review: [],
};

/** The queue that takes a kind of operation, and so the pool that performs it. */
export const queues = ["payments", "refunds", "webhooks"] as const;
export type Queue = (typeof queues)[number];
export function queueOf(kind: OperationKind): Queue {
  switch (kind) {
    case "charge":
    case "authorize":
    case "capture":
    case "void":
    case "expire":
      return "payments";
    case "refund":
      return "refunds";
    case "deliver":
      return "webhooks";
  }
}

/** Where an operation's row is: its whole primary key. This, and nothing else, travels through Redis. */
export type OperationRef = { readonly bucket: number; readonly merchantId: string; readonly id: string };

/** An operation in the hands of one worker: claimed, leased, and fenced by `attempt`. */
export type ClaimedOperation = OperationRef & {
  readonly paymentId: string;
  readonly kind: MoneyKind;
  readonly amount: number;
  readonly currency: Currency;
  readonly provider: string;
  /** What a charge or an authorization is made with; null for what builds on one. */
  readonly method: Method | null;
  /** What the provider called the operation that this one builds on (the charge of a refund), if any. */
  readonly parentReference: string | null;
  /** Grows with every claim; only the holder of the newest may record what came of it. */
  readonly attempt: number;
  /** An earlier attempt may have reached the provider: ask first, or send again under the same key. */
  readonly resolving: boolean;
  /** How many times we asked and still do not know. */
  readonly unknowns: number;
  /** When the first attempt was made: the provider's idempotency window counts from here. */
  readonly firstSentAt: Date;
  readonly createdAt: Date;
};

/** What the provider let us know. Anything but these two is not an answer. */
export type Answer =
  | {
      readonly kind: "succeeded";
      readonly providerReference: string;
      readonly fee: number;
      /** For how long it holds what was authorized, where it says so. */
      readonly holdSeconds?: number | undefined;
    }
  | { readonly kind: "declined"; readonly code: DeclineCode; readonly providerReference: string | null };

/** Gives an operation back for later. `queued` says that nothing reached the provider; once something may have, it stays `unknown`. */
export type Postponement = {
  readonly state: Extract<OperationState, "queued" | "unknown">;
  /** What `unknowns` is from now on. It grows only when we asked and still do not know, not while the provider cannot be asked. */
  readonly unknowns: number;
  /** From the database's now; may be a fraction. */
  readonly delaySeconds: number;
  /** For people, kept as the operation's last error. */
  readonly reason: string;
};
