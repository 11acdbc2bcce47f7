import { z } from "zod";
import { publicId } from "../payment/id.ts";
import { amount } from "./amount.ts";
import type { FollowUpDeps, FollowUpKindOf } from "./follow-up.ts";
import { followUpRoute } from "./follow-up-route.ts";
import { paymentResource, paymentSchema } from "./payment-resource.ts";
import type { Route } from "./route.ts";

const captureRequest = z
  .strictObject(
    { amount: amount.optional().describe("Left out: all of it. What is not captured is released.") },
    { error: "a JSON object" },
  )
  .meta({ id: "Capture", example: { amount: 20_000 } });
const cancelRequest = z.strictObject({}, { error: "an empty JSON object" }).meta({ id: "Cancellation", example: {} });

const asPayment: FollowUpKindOf["answer"] = ({ payment }) => ({
  location: `/v1/payments/${publicId("payment", payment.bucket, payment.id)}`,
  body: paymentResource(payment),
});

const ofPayments = { access: "payments:write", made: paymentSchema, answer: asPayment } as const;

/** `POST /v1/payments/{id}/capture`: takes what was authorized, or a part of it. */
export const capturePayment = (deps: FollowUpDeps): Route =>
  followUpRoute(
    {
      ...ofPayments,
      kind: "capture",
      path: "/v1/payments/{id}/capture",
      summary: "Capture a payment",
      description: "Takes the money that was authorized, once, all of it or a part; the rest is released.",
      body: captureRequest,
      what: "The capture",
      wrongStatus: "payment_not_capturable",
    },
    deps,
  );

/** `POST /v1/payments/{id}/cancel`: releases what was authorized. */
export const cancelPayment = (deps: FollowUpDeps): Route =>
  followUpRoute(
    {
      ...ofPayments,
      kind: "void",
      path: "/v1/payments/{id}/cancel",
      summary: "Cancel a payment",
      description: "Releases what was authorized and not captured.",
      body: cancelRequest,
      what: "The cancellation",
      wrongStatus: "payment_not_cancelable",
    },
    deps,
  );
