import { z } from "zod";
import { publicId } from "../payment/id.ts";
import { amount } from "./amount.ts";
import { askOf, type FollowUpDeps, followUpProblems } from "./follow-up.ts";
import { metadata } from "./metadata.ts";
import { refundResource, refundSchema } from "./refund-resource.ts";
import type { Route } from "./route.ts";
import { text } from "./text.ts";
import { validated } from "./validated.ts";

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
export function createRefund(deps: FollowUpDeps): Route {
  const path = "/v1/payments/{id}/refunds";
  return {
    method: "POST",
    path,
    access: "refunds:write",
    load: "payment",
    doc: {
      summary: "Refund a payment",
      description: "Gives money back, all of it or a part, as often as something is left.",
      body: refundRequest,
      answers: {
        201: { description: "The refund has ended.", body: refundSchema },
        202: { description: "The refund is durable, and will be done.", body: refundSchema },
      },
      problems: [...followUpProblems, "payment_not_refundable"],
    },
    handle: (asked) =>
      askOf(
        asked,
        {
          kind: "refund",
          path,
          requestOf: (sent) => validated(refundRequest, sent),
          answer: ({ followUp, tenant }) => ({
            location: `/v1/refunds/${publicId("refund", followUp.bucket, followUp.id)}`,
            body: refundResource({ ...followUp, mode: tenant.mode }),
          }),
        },
        deps,
      ),
  };
}
