import { z } from "zod";
import { listRefunds as read } from "../store/list-refunds.ts";
import { freshness, wishOf } from "./freshness.ts";
import { hashedJson } from "./hashed.ts";
import type { ReadingDeps } from "./list-payments.ts";
import { listOf, ofPayment, pageQuery, paging, paymentIdAsked } from "./paging.ts";
import { refundResource, refundSchema, refundStatuses, statesOf } from "./refund-resource.ts";
import type { Route } from "./route.ts";
import { validated } from "./validated.ts";

const query = z.strictObject({
  status: z.enum(refundStatuses, { error: `one of ${refundStatuses.join(", ")}` }).optional(),
  payment: ofPayment,
  ...pageQuery,
});

/** `GET /v1/refunds`: a merchant's refunds, newest first. */
export function listRefunds({ readers }: ReadingDeps): Route {
  return {
    method: "GET",
    path: "/v1/refunds",
    access: "refunds:read",
    load: "list",
    doc: {
      summary: "List refunds",
      query,
      answers: {
        200: { description: "A page of refunds, newest first.", body: listOf(refundSchema) },
        304: { description: "You have it." },
      },
      problems: ["parameter_invalid", "cursor_invalid", "consistency_token_invalid", "replica_behind", "readers_busy", "read_too_slow"],
    },
    async handle({ request, tenant }) {
      const { status, payment, ...rest } = validated(query, request.query);
      const { place, answer } = paging({ ...rest, ...{ status, payment } }, { list: "refunds", tenant });
      return readers.read(wishOf(request, { tenant, size: "small" }), async (tx) => {
        const page = await read(tx, tenant, { states: status && statesOf[status], paymentId: paymentIdAsked(payment, tenant) }, place);
        return hashedJson(request, answer(page, refundResource), freshness(tx.asOf));
      });
    },
  };
}
