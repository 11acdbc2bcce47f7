import type { Currency } from "../payment/money.ts";
import type { Answer, MoneyKind } from "../payment/operation.ts";
import type { Method } from "../payment/payment.ts";

/** What we ask a provider to do. `key` is the operation's id, the same over every retry, redelivery and failover. */
export type ProviderCall = {
  readonly key: string;
  readonly kind: MoneyKind;
  readonly amount: number;
  readonly currency: Currency;
  /** What a charge or an authorization is made with; null for what builds on one. */
  readonly method: Method | null;
  /** The provider's own reference of the operation that this one builds on (the charge of a refund), if any. */
  readonly parentReference: string | null;
  /** What we call it: kept by the provider, and repeated in its events. */
  readonly reference: string;
};

/** What a provider can do. The engine, not the adapter, chooses the retry rule from it. */
export type Capabilities = {
  /** For how long the provider answers a repeated key with the first result; 0 when it knows no keys. */
  readonly idempotencyWindowSeconds: number;
  /** Whether a repeated key also repeats a 5xx, so that only a look-up can tell more. */
  readonly storesErrors: boolean;
  /** Whether a call can be looked up by our key. */
  readonly canFind: boolean;
  /** How long after a call the look-up may still say "never seen" of it. */
  readonly findDelaySeconds: number;
  readonly manualCapture: boolean;
  readonly partialRefund: boolean;
};

/** Nothing was learned, sorted by what may be done about it. */
export type NoAnswer =
  /** Not a byte reached the provider: it may go again at once, or elsewhere. */
  | { readonly kind: "not_sent"; readonly reason: string }
  /** The provider refused to look at it for now. */
  | { readonly kind: "throttled"; readonly retryAfterMs: number }
  /** It was sent, and nothing definite came back: never a failure, never a new key. */
  | { readonly kind: "unknown"; readonly reason: string }
  /** Our own fault (a request that the provider calls malformed, wrong credentials): retried, then a human's. */
  | { readonly kind: "ours"; readonly reason: string };

/** The provider has it, and does not know yet either. */
export type Pending = { readonly kind: "pending" };

/** What came of a call. */
export type Reply = Answer | Pending | NoAnswer;

/** What a look-up by key told. */
export type Found = Answer | Pending | { readonly kind: "never_seen" } | NoAnswer;

/** What a provider tells us of its own accord. It says where to look; what is true there is asked of the provider, and never taken from here. */
export type ProviderEvent = {
  /** The provider's own, the same over its repeats. */
  readonly id: string;
  readonly type: string;
  /** As in the call that it is about; null when it is about none. */
  readonly reference: string | null;
};

/**
 * Reads what was sent as an event, byte by byte as it came. `undefined`: it is not signed by the provider, is too old, or is no event of his.
 * It stands beside the adapter, not in it: events come in where no calls go out.
 */
export type EventReader = (body: Buffer, headers: Readonly<Record<string, string | string[] | undefined>>) => ProviderEvent | undefined;

/** Speaks a provider's language and decides nothing. It never throws for what a provider may do. */
export interface Adapter {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Does the operation, under `call.key`. `signal` ends it: what was sent by then is unknown. */
  send(call: ProviderCall, signal: AbortSignal): Promise<Reply>;
  /** Looks a call up by its key. */
  find(call: ProviderCall, signal: AbortSignal): Promise<Found>;
  close(): Promise<void>;
}

/** One who moves money, safe to call: each call ends within the provider timeout, and a provider that fails is left alone for a while. */
export interface Provider {
  readonly name: string;
  readonly capabilities: Capabilities;
  send(call: ProviderCall): Promise<Reply>;
  find(call: ProviderCall): Promise<Found>;
  close(): Promise<void>;
}
