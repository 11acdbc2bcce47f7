import { newUuid } from "../../../workloads/payment/id.ts";
import type { Currency } from "../../../workloads/payment/money.ts";
import type { ClaimedOperation, Postponement } from "../../../workloads/payment/operation.ts";

export const madeAt = Date.parse("2026-11-24T12:00:00Z");

/** A first claim of a charge of 350.00 THB, made when it was asked for. */
export function aClaim(but: Partial<ClaimedOperation> & { token?: string } = {}): ClaimedOperation {
  const { token = "tok_visa", ...rest } = but;
  return {
    bucket: 1,
    merchantId: "0198c000-0000-7000-8000-000000000001",
    id: newUuid(),
    paymentId: "0198c000-0000-7000-8000-000000000002",
    kind: "charge",
    amount: 35_000,
    currency: "THB" as Currency,
    provider: "simulator",
    method: { type: "card", token },
    parentReference: null,
    attempt: 1,
    resolving: false,
    unknowns: 0,
    firstSentAt: new Date(madeAt),
    createdAt: new Date(madeAt),
    ...rest,
  };
}

/** The claim after a postponement, as the store would hand it out. */
export function claimedAgain(claimed: ClaimedOperation, { state, unknowns }: Pick<Postponement, "state" | "unknowns">): ClaimedOperation {
  return { ...claimed, attempt: claimed.attempt + 1, resolving: claimed.resolving || state === "unknown", unknowns };
}

/** The claim after a worker died with the operation in hand. */
export function claimedAfterDeath(claimed: ClaimedOperation): ClaimedOperation {
  return { ...claimed, attempt: claimed.attempt + 1, resolving: true };
}
