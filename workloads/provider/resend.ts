import type { ClaimedOperation } from "../payment/operation.ts";
import type { Capabilities } from "./provider.ts";

/**
 * Whether an operation that may have reached the provider, and that a look-up did not find, goes again under its key. Only while the
 * provider surely still knows the key. `wait`: a later look-up may tell; `never`: nothing will, and a repeat might do it twice.
 */
export function resendOf(claimed: ClaimedOperation, can: Capabilities, now: number): "resend" | "wait" | "never" {
  const ageSeconds = (now - claimed.firstSentAt.getTime()) / 1000;
  if (ageSeconds + marginSeconds >= can.idempotencyWindowSeconds) return can.canFind ? "wait" : "never";
  // It would only repeat the stored error, if there was one; the look-up knows soon.
  if (can.canFind && can.storesErrors && ageSeconds < can.findDelaySeconds) return "wait";
  return "resend";
}

/** Clocks differ, and a call may be on its way for a while. */
const marginSeconds = 60;
