import { z } from "zod";
import { publicId } from "../payment/id.ts";
import type { Store } from "../store/store.ts";
import { checkedKey } from "./idempotency-key.ts";
import { Refusal } from "./problem.ts";
import type { Route } from "./route.ts";

export type GetIdempotencyKeyDeps = { readonly store: Pick<Store, "idempotencyKey"> };

/** `GET /v1/idempotency-keys/{key}`: which payment a key made, for a client that lost the answer. */
export function getIdempotencyKey({ store }: GetIdempotencyKeyDeps): Route {
  return {
    method: "GET",
    path: "/v1/idempotency-keys/{key}",
    access: "payments:read",
    load: "read",
    doc: {
      summary: "Look up an idempotency key",
      answers: { 200: { description: "What the key made.", body: keySchema } },
      problems: ["idempotency_key_not_found", "idempotency_key_invalid"],
    },
    async handle({ request, tenant }) {
      const found = await store.idempotencyKey(tenant, checkedKey(String(request.params.key)));
      if (!found) {
        const detail = "No payment was accepted under this key. It is safe to send the request now, with this key.";
        throw new Refusal({ code: "idempotency_key_not_found", detail });
      }
      const payment = publicId("payment", tenant.bucket, found.paymentId);
      const refund = found.followUp?.kind === "refund" ? publicId("refund", tenant.bucket, found.followUp.id) : undefined;
      return {
        status: 200,
        headers: { "cache-control": "private, no-cache" },
        body: {
          object: "idempotency_key",
          key: found.key,
          payment,
          refund,
          url: refund ? `/v1/refunds/${refund}` : `/v1/payments/${payment}`,
          original_request: found.requestId,
          created_at: found.createdAt.toISOString(),
        },
      };
    },
  };
}

const keySchema = z.strictObject({
  object: z.literal("idempotency_key"),
  key: z.string(),
  payment: z.string(),
  refund: z.string().optional().describe("There when the key made a refund of that payment."),
  url: z.string(),
  original_request: z.string(),
  created_at: z.iso.datetime(),
});
