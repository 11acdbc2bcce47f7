import { z } from "zod";
import { paymentStatuses } from "../payment/payment.ts";
import { listPayments as read } from "../store/list-payments.ts";
import type { Readers } from "../store/readers.ts";
import { freshness, wishOf } from "./freshness.ts";
import { hashedJson } from "./hashed.ts";
import { listOf, pageQuery, paging } from "./paging.ts";
import { paymentResource, paymentSchema } from "./payment-resource.ts";
import type { Route } from "./route.ts";
import { validated } from "./validated.ts";

export type ReadingDeps = { readonly readers: Readers };

const query = z.strictObject({
  status: z.enum(paymentStatuses, { error: `one of ${paymentStatuses.join(", ")}` }).optional(),
  reference: z.string({ error: "text of 1 to 255 characters" }).min(1).max(255).optional(),
  ...pageQuery,
});

/** `GET /v1/payments`: a merchant's payments, newest first. */
export function listPayments({ readers }: ReadingDeps): Route {
  return {
    method: "GET",
    path: "/v1/payments",
    access: "payments:read",
    load: "list",
    doc: {
      summary: "List payments",
      query,
      answers: {
        200: { description: "A page of payments, newest first.", body: listOf(paymentSchema) },
        304: { description: "You have it." },
      },
      problems: ["parameter_invalid", "cursor_invalid", "consistency_token_invalid", "replica_behind", "readers_busy", "read_too_slow"],
    },
    async handle({ request, tenant }) {
      const { status, reference, ...rest } = validated(query, request.query);
      const { place, answer } = paging({ ...rest, ...{ status, reference } }, { list: "payments", tenant });
      return readers.read(wishOf(request, { tenant, size: "small" }), async (tx) => {
        const page = await read(tx, tenant, { status, reference }, place);
        return hashedJson(request, answer(page, paymentResource), freshness(tx.asOf));
      });
    },
  };
}
