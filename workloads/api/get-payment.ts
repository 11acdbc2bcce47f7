import { z } from "zod";
import type { PaymentCache } from "../cache/payment-cache.ts";
import { parsePublicId } from "../payment/id.ts";
import type { Payment } from "../payment/payment.ts";
import { matches } from "./if-none-match.ts";
import { etagOf, paymentResource, paymentSchema } from "./payment-resource.ts";
import { Refusal } from "./problem.ts";
import type { Route } from "./route.ts";
import { type Waiting, waitOf } from "./waiting.ts";

export type GetPaymentDeps = { readonly payments: Pick<PaymentCache, "payment">; readonly waiting: Waiting<Payment> };

/** `GET /v1/payments/{id}`: the payment now, or with `?wait=n` once it is settled; 304 for who has this version. */
export function getPayment({ payments, waiting }: GetPaymentDeps): Route {
  return {
    method: "GET",
    path: "/v1/payments/{id}",
    access: "payments:read",
    load: "read",
    doc: {
      summary: "Get a payment",
      query: z.strictObject({
        wait: z
          .string()
          .regex(/^\d{1,2}$/)
          .optional(),
      }),
      answers: {
        200: { description: "The payment as it is now.", body: paymentSchema },
        304: { description: "It is still the version that If-None-Match names." },
      },
      problems: ["payment_not_found", "parameter_invalid"],
    },
    async handle({ request, response, tenant }) {
      const seconds = waitOf(request.query.wait);
      const id = parsePublicId("payment", String(request.params.id));
      // Ids carry their bucket, so another merchant's most often need not be looked for.
      const found = id?.bucket === tenant.bucket ? await payments.payment(tenant, id.uuid) : undefined;
      if (!found)
        throw new Refusal({ code: "payment_not_found", detail: "You have no payment with this id, in this mode. Ids begin with pay_." });

      const payment = (seconds > 0 ? await waiting.settled(found, { tenant, seconds, response }) : undefined) ?? found;
      const etag = etagOf(payment);
      if (matches(request.headers["if-none-match"], etag)) return { status: 304, headers: { etag } };
      // It may be kept, but not used without asking: a refund or a dispute changes it at any time.
      return { status: 200, headers: { etag, "cache-control": "private, no-cache" }, body: paymentResource(payment) };
    },
  };
}
