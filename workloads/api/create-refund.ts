import { z } from "zod";
import { publicId } from "../payment/id.ts";
import { amount } from "./amount.ts";
import type { FollowUpDeps } from "./follow-up.ts";
import { followUpRoute } from "./follow-up-route.ts";
import { metadata } from "./metadata.ts";
import { refundResource, refundSchema } from "./refund-resource.ts";
import type { Route } from "./route.ts";
import { text } from "./text.ts";

const refundRequest = z
  .strictObject(
    {
      amount: amount.optional().describe("Left out: all that is left."),
      reason: text(100).nullish(),
      reference: text(255).nullish(),
      metadata: metadata.nullish(),
    },
    { error: "a JSON object" },
  )
  .meta({ id: "NewRefund", example: { amount: 5_000, reason: "requested_by_customer" } });

/** `POST /v1/payments/{id}/refunds`: gives money back, all of it or a part, as often as something is left. */
export const createRefund = (deps: FollowUpDeps): Route =>
  followUpRoute(
    {
      kind: "refund",
      path: "/v1/payments/{id}/refunds",
      access: "refunds:write",
      summary: "Refund a payment",
      description: "Gives money back, all of it or a part, as often as something is left.",
      body: refundRequest,
      made: refundSchema,
      what: "The refund",
      wrongStatus: "payment_not_refundable",
      answer: ({ followUp, tenant }) => ({
        location: `/v1/refunds/${publicId("refund", followUp.bucket, followUp.id)}`,
        body: refundResource({ ...followUp, mode: tenant.mode }),
      }),
    },
    deps,
  );
