import type { ClaimedOperation, Postponement } from "../payment/operation.ts";
import { needsReview, type Settlement, settlementOf } from "../payment/settlement.ts";
import { type Backoff, backoffSeconds } from "./backoff.ts";
import type { Found, Reply } from "./provider.ts";

/** What is to be written of an operation. */
export type Consequence =
  | { readonly kind: "settle"; readonly settlement: Settlement }
  | { readonly kind: "postpone"; readonly postponement: Postponement };

/** What an attempt came to: what the provider let us know, or why it was not asked. */
export type Heard =
  | Reply
  | Found
  /** Too many retries are under way at this provider. */
  | { readonly kind: "out_of_budget" }
  /** Nobody can tell any more, and a repeat might do it twice. */
  | { readonly kind: "no_way_left"; readonly reason: string };

export type Circumstances = {
  /** Seconds between questions about an unknown outcome; after the last one a human decides. */
  readonly schedule: readonly number[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
};

/**
 * The one table from what was heard to what follows. Only the provider's own word settles an operation as succeeded or declined;
 * what stays unknown is asked about on the schedule, under the same key, and ends in a human's hands, never as a failure.
 */
export function consequenceOf(claimed: ClaimedOperation, heard: Heard, given: Circumstances): Consequence {
  const { attempt } = claimed;
  const wait = (backoff: Backoff): number => backoffSeconds(backoff, attempt, given.random);
  switch (heard.kind) {
    case "succeeded":
    case "declined":
      return { kind: "settle", settlement: settlementOf(claimed, heard) };
    case "unknown":
      return askAgain(claimed, heard.reason, given);
    case "pending":
      return askAgain(claimed, "the provider has it and does not know yet", given);
    case "never_seen":
      return askAgain(claimed, "the provider says that it never saw it, and it may not be sent again yet", given);
    case "not_sent":
      return comeBack(claimed, heard.reason, wait(soon), given);
    case "throttled":
      return comeBack(claimed, "the provider asked us to wait", toldSeconds(heard.retryAfterMs) + wait(soon), given);
    case "out_of_budget":
      return comeBack(claimed, "too many retries at this provider", wait(late), given);
    case "ours":
      return isLastTryOfOurs(claimed, given) ? review : comeBack(claimed, heard.reason, wait(late), given);
    case "no_way_left":
      return review;
  }
}

const soon: Backoff = { baseSeconds: 1, capSeconds: 60 };
const late: Backoff = { baseSeconds: 5, capSeconds: 300 };

const review: Consequence = { kind: "settle", settlement: needsReview };

/** The next question of the schedule; up to a fifth later, so that what got lost together is not asked about together. */
function askAgain({ unknowns }: ClaimedOperation, reason: string, { schedule, random }: Circumstances): Consequence {
  const seconds = schedule[unknowns];
  if (seconds === undefined) return review;
  return {
    kind: "postpone",
    postponement: { state: "unknown", unknowns: unknowns + 1, delaySeconds: seconds * (1 + random() / 5), reason },
  };
}

/** Nothing was learned, so nothing of the schedule is used up. What may have been sent before stays unknown. */
function comeBack(claimed: ClaimedOperation, reason: string, delaySeconds: number, { now }: Circumstances): Consequence {
  if (ageSeconds(claimed, now) > patienceSeconds) return review;
  const state = claimed.resolving ? "unknown" : "queued";
  return { kind: "postpone", postponement: { state, unknowns: claimed.unknowns, delaySeconds, reason } };
}

/** An operation that could not be sent for a week is no longer what its merchant expects: a human decides. */
const patienceSeconds = 7 * 86_400;

/** A deployment with a wrong key is put right within the hour; what is malformed stays so. */
function isLastTryOfOurs(claimed: ClaimedOperation, { now }: Circumstances): boolean {
  return claimed.attempt >= 10 && ageSeconds(claimed, now) > 3_600;
}

const ageSeconds = ({ createdAt }: ClaimedOperation, now: () => number): number => (now() - createdAt.getTime()) / 1000;

/** As told, but never longer than an hour: a mistaken header must not put a payment off for ever. */
const toldSeconds = (retryAfterMs: number): number => Math.min(Math.max(retryAfterMs / 1000, 0), 3_600);
