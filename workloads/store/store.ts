import type { FollowUp } from "../payment/follow-up.ts";
import type { Currency } from "../payment/money.ts";
import type { ClaimedOperation, OperationRef, Postponement, Queue } from "../payment/operation.ts";
import type { CaptureMethod, Method, Payment } from "../payment/payment.ts";
import type { Settlement } from "../payment/settlement.ts";
import type { AccessStore } from "./access.ts";
import type { FollowUps } from "./follow-up.ts";
import type { Placement } from "./placement.ts";
import type { Position } from "./position.ts";
import type { ProviderEventStore } from "./provider-events.ts";
import type { QueueDepth, QueueStates } from "./queue-state.ts";
import type { Tenant } from "./tenant.ts";
import type { WebhookStore } from "./webhooks.ts";

export type { Tenant };

/** A request to pay, validated, under its idempotency key. `requestHash`: SHA-256 of method, route, path ids and canonical body. */
export type NewPayment = Tenant & {
  readonly key: string;
  readonly requestHash: Buffer;
  readonly requestId: string;
  readonly amount: number;
  readonly currency: Currency;
  readonly capture: CaptureMethod;
  readonly method: Method;
  readonly provider: string;
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Leave it to the dispatcher: it is due now, and no hint will be sent. */
  readonly dueNow: boolean;
};

/** What became of a request: a payment made, the one that this key already made, or a key that was used for something else. */
export type Accepted =
  | { readonly result: "new"; readonly payment: Payment; readonly operation: OperationRef }
  | { readonly result: "replay"; readonly payment: Payment; readonly originalRequestId: string }
  | { readonly result: "reused" };

export type IdempotencyKey = {
  readonly key: string;
  readonly paymentId: string;
  readonly followUp: FollowUp | undefined;
  readonly requestId: string;
  readonly createdAt: Date;
};

/** Operations of which nobody knows the outcome, by provider, and since when the oldest of them. */
export type UnknownOperations = { readonly provider: string; readonly count: number; readonly oldestSeconds: number };

/** An offered operation; `stale` when an earlier worker took it and its lease ran out. */
export type Offered = OperationRef & { readonly stale: boolean };

/**
 * One shard's Postgres, spoken to in statements of one round trip each; calls that come together travel together.
 * Every method may be called again after a crash on any line. Throws `StoreUnavailable` while there is no primary:
 * then nothing is known of a write in flight, and the same call, made again, finds out.
 */
export interface Store extends QueueStates, FollowUps {
  /** Key, payment and operation in one commit. */
  accept(request: NewPayment): Promise<Accepted>;
  /** The payment that this key already made, if it did; `undefined` says nothing but "ask `accept`". Cheaper than `accept` for a repeat. */
  replayed(request: Tenant & { key: string; requestHash: Buffer }): Promise<Accepted | undefined>;
  payment(tenant: Tenant, id: string): Promise<Payment | undefined>;
  idempotencyKey(tenant: Tenant, key: string): Promise<IdempotencyKey | undefined>;
  readonly access: AccessStore;
  readonly webhooks: WebhookStore;
  readonly providerEvents: ProviderEventStore;

  /** What is due in a queue, oldest first, and merchant by merchant while there is more than `limit`; it is due again after the visibility. */
  offer(queue: Queue, limit: number): Promise<Offered[]>;
  /** Takes an operation for `leaseSeconds`; `undefined` when another holds it or it is settled. Records the intent before anything is sent. */
  claim(ref: OperationRef): Promise<ClaimedOperation | undefined>;
  /** Writes how it ended: operation, payment, journal, event, deliveries, in one commit. False: another worker has it, nothing was written. */
  settle(claimed: ClaimedOperation, settlement: Settlement): Promise<boolean>;
  /** Gives it back for later. False: another worker has it, nothing was written. */
  postpone(claimed: ClaimedOperation, postponement: Postponement): Promise<boolean>;
  /** A queue without open operations has depth 0. */
  queueDepths(queues: readonly Queue[]): Promise<QueueDepth[]>;
  unknownOperations(queues: readonly Queue[]): Promise<UnknownOperations[]>;
  /** Which shard holds each bucket, on shard 0; `undefined`: that is as it was at this epoch. */
  placement(knownEpoch: number): Promise<Placement | undefined>;
  /** Whether the last statement that ended found no primary. */
  isAway(): boolean;
  /** How many requests to pay wait to be written, as a part of those that may: near 1, Postgres is much slower than they come. */
  load(): number;
  /** How far the history has come: what was committed before this call is before it. */
  position(): Promise<Position>;
  /** Answers `select 1` on a primary; throws `StoreUnavailable` otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** There is no primary to write to, or the line to it was cut: come back later with the same request. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}
