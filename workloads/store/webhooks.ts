import type { Event } from "../payment/event.ts";
import type { OperationRef } from "../payment/operation.ts";
import type { EventType } from "../payment/settlement.ts";
import type { By } from "./access.ts";
import type { Tenant } from "./tenant.ts";

/** How many endpoints a merchant may have in a mode. */
export const maxEndpoints = 16;

/** `asked`: by the merchant. `gone`: the receiver answered 410. `failing`: every try failed for three days. */
export type DisabledReason = "asked" | "gone" | "failing";

/** Where a merchant is told what happened. */
export type WebhookEndpoint = Tenant & {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  /** `null`: every event. */
  readonly eventTypes: readonly EventType[] | null;
  /** What events look like that are sent there. */
  readonly eventVersion: number;
  readonly disabled: { readonly at: Date; readonly reason: DisabledReason } | null;
  /** Every try since then has failed. */
  readonly failingSince: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

export type EndpointFields = Pick<WebhookEndpoint, "url" | "description" | "eventTypes">;
/** What is not given stays. */
export type EndpointChange = { readonly [field in keyof EndpointFields]?: EndpointFields[field] | undefined } & {
  readonly enabled?: boolean | undefined;
};

/** A delivery in the hands of one worker: claimed, leased, fenced by `attempt`. */
export type ClaimedDelivery = OperationRef & {
  readonly attempt: number;
  /** How often it was tried before. */
  readonly tries: number;
  readonly createdAt: Date;
  readonly event: Event;
  /** `undefined`: it was deleted, or is disabled, since. */
  readonly endpoint: ClaimedEndpoint | undefined;
};
export type ClaimedEndpoint = {
  readonly id: string;
  readonly url: string;
  readonly eventVersion: number;
  /** Those that are valid now, the newest first. */
  readonly secrets: readonly Buffer[];
  /** Tries that failed since the last that did not. */
  readonly failures: number;
};

/** One try, for the log. */
export type Attempt = {
  /** `null`: there was no answer. */
  readonly statusCode: number | null;
  readonly error: string | null;
  /** How the answer began. */
  readonly answer: string | null;
  readonly durationMs: number;
};

/** What is written of a claimed delivery. */
export type Told = {
  /** `queued`: not yet, and again after `delaySeconds`. */
  readonly state: "succeeded" | "declined" | "queued";
  readonly delaySeconds: number;
  /** For people, when it was not delivered. */
  readonly reason: string | null;
  /** `undefined`: nothing was sent. */
  readonly attempt: Attempt | undefined;
  /** What the try says of its endpoint; `waitSeconds`: the receiver asks that for so long nothing is sent there. */
  readonly endpoint:
    | { readonly is: "well" }
    | { readonly is: "failing"; readonly waitSeconds: number }
    | { readonly is: "gone" }
    | { readonly is: "as before" };
};

/** Endpoints, and the deliveries to them. Every method is about one merchant, in one mode. */
export interface WebhookStore {
  /** `undefined`: he has `maxEndpoints` already. */
  createEndpoint(tenant: Tenant, fields: EndpointFields, secret: Buffer, by: By): Promise<WebhookEndpoint | undefined>;
  endpoint(tenant: Tenant, id: string): Promise<WebhookEndpoint | undefined>;
  /** Newest first. */
  endpoints(tenant: Tenant): Promise<WebhookEndpoint[]>;
  changeEndpoint(tenant: Tenant, id: string, change: EndpointChange, by: By): Promise<WebhookEndpoint | undefined>;
  /** False: there was none. What was not yet delivered to it never will be. */
  deleteEndpoint(tenant: Tenant, id: string, by: By): Promise<boolean>;
  /** The new secret signs at once; the one before signs too, for `overlapHours`, and any that was before that no longer. */
  rotateSecret(
    tenant: Tenant,
    id: string,
    next: { secret: Buffer; overlapHours: number },
    by: By,
  ): Promise<{ endpoint: WebhookEndpoint; previousExpiresAt: Date | null } | undefined>;
  /** A new delivery of the event of an old one; the one under way, when there is one. `undefined`: there is no such delivery. */
  resend(tenant: Tenant, endpointId: string, deliveryId: string, by: By): Promise<string | undefined>;
  /**
   * A new delivery of each event that was not delivered to this endpoint since a time, and of which none is under way: of at most 1000, the
   * oldest first. `next`: there may be others since then.
   */
  resendFailed(tenant: Tenant, endpointId: string, since: Date, by: By): Promise<{ resent: number; next: Date | undefined }>;

  /** Takes a delivery for as long as the lease. `undefined`: another has it, it is done, or its endpoint is paused: then it is due later. */
  claim(ref: OperationRef): Promise<ClaimedDelivery | undefined>;
  /** False: another has it by now, and nothing was written. */
  record(claimed: ClaimedDelivery, told: Told): Promise<boolean>;
  /** Forgets some of what was done with 30 days ago; how much. */
  forgetOld(): Promise<number>;
}
