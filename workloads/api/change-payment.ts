import { z } from "zod";
import { publicId } from "../payment/id.ts";
import { amount } from "./amount.ts";
import { askOf, type FollowUpDeps, type FollowUpKindOf, followUpProblems } from "./follow-up.ts";
import { paymentResource, paymentSchema } from "./payment-resource.ts";
import type { Route } from "./route.ts";
import { validated } from "./validated.ts";

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

/** `POST /v1/payments/{id}/capture`: takes what was authorized, or a part of it. */
export function capturePayment(deps: FollowUpDeps): Route {
  const path = "/v1/payments/{id}/capture";
  const how = { kind: "capture", path, requestOf: (sent: object) => validated(captureRequest, sent), answer: asPayment } as const;
  return {
    method: "POST",
    path,
    access: "payments:write",
    load: "payment",
    doc: {
      summary: "Capture a payment",
      description: "Takes the money that was authorized, once, all of it or a part; the rest is released.",
      body: captureRequest,
      answers: {
        201: { description: "The capture has ended.", body: paymentSchema },
        202: { description: "The capture is durable, and will be done.", body: paymentSchema },
      },
      problems: [...followUpProblems, "payment_not_capturable"],
    },
    handle: (asked) => askOf(asked, how, deps),
  };
}

/** `POST /v1/payments/{id}/cancel`: releases what was authorized. */
export function cancelPayment(deps: FollowUpDeps): Route {
  const path = "/v1/payments/{id}/cancel";
  const how = { kind: "void", path, requestOf: (sent: object) => validated(cancelRequest, sent), answer: asPayment } as const;
  return {
    method: "POST",
    path,
    access: "payments:write",
    load: "payment",
    doc: {
      summary: "Cancel a payment",
      description: "Releases what was authorized and not captured.",
      body: cancelRequest,
      answers: {
        201: { description: "The cancellation has ended.", body: paymentSchema },
        202: { description: "The cancellation is durable, and will be done.", body: paymentSchema },
      },
      problems: [...followUpProblems, "payment_not_cancelable"],
    },
    handle: (asked) => askOf(asked, how, deps),
  };
}
