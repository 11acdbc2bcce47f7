import { z } from "zod";
import { publicId } from "../payment/id.ts";
import type { OperationState } from "../payment/operation.ts";
import type { Refund } from "../store/list-refunds.ts";
import { failureOf, failureSchema } from "./payment-resource.ts";

export const refundStatuses = ["pending", "succeeded", "failed"] as const;
export type RefundStatus = (typeof refundStatuses)[number];

/** What a refund is to a merchant, as `/openapi.json` says it. */
export const refundSchema = z.strictObject({
  id: z.string(),
  object: z.literal("refund"),
  status: z.enum(refundStatuses),
  outcome: z.literal("unknown").optional().describe("There while nobody knows what the provider did."),
  payment: z.string(),
  amount: z.int().min(1).describe("In minor units of the currency."),
  currency: z.string(),
  reason: z.string().nullable(),
  reference: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  failure: failureSchema.nullable(),
  mode: z.enum(["test", "live"]),
  created_at: z.iso.datetime(),
  settled_at: z.iso.datetime().nullable(),
});

export function refundResource(refund: Refund): z.output<typeof refundSchema> {
  const { bucket, id, paymentId, state, amount, currency, reason, reference, metadata, declineCode, mode, createdAt, settledAt } = refund;
  return {
    id: publicId("refund", bucket, id),
    object: "refund",
    status: statusOf(state),
    outcome: state === "unknown" || state === "needs_review" ? "unknown" : undefined,
    payment: publicId("payment", bucket, paymentId),
    amount,
    currency,
    reason,
    reference,
    metadata,
    failure: declineCode && failureOf(declineCode),
    mode,
    created_at: createdAt.toISOString(),
    settled_at: settledAt?.toISOString() ?? null,
  };
}

/** The states of an operation that are one status of a refund. */
export const statesOf: { readonly [status in RefundStatus]: readonly OperationState[] } = {
  pending: ["queued", "sent", "unknown", "needs_review"],
  succeeded: ["succeeded"],
  failed: ["declined"],
};

const statusOf = (state: OperationState): RefundStatus => refundStatuses.find((status) => statesOf[status].includes(state))!;
