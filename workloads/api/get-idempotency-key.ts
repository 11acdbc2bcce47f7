import type { Request } from "express";
import { publicId } from "../payment/id.ts";
import type { Store } from "../store/store.ts";
import type { Authenticate } from "./authenticate.ts";
import type { Handler } from "./endpoint.ts";
import { checkedKey } from "./idempotency-key.ts";
import { Refusal } from "./problem.ts";

export type GetIdempotencyKeyDeps = { readonly store: Pick<Store, "idempotencyKey">; readonly authenticate: Authenticate };

/** `GET /v1/idempotency-keys/{key}`: which payment a key made, for a client that lost the answer. */
export function getIdempotencyKey({ store, authenticate }: GetIdempotencyKeyDeps): Handler<Request> {
  return async ({ request }) => {
    const tenant = await authenticate(request);
    const found = await store.idempotencyKey(tenant, checkedKey(String(request.params.key)));
    if (!found) {
      const detail = "No payment was accepted under this key. It is safe to send the request now, with this key.";
      throw new Refusal({ code: "idempotency_key_not_found", detail });
    }
    const payment = publicId("payment", tenant.bucket, found.paymentId);
    return {
      status: 200,
      headers: { "cache-control": "private, no-cache" },
      body: {
        object: "idempotency_key",
        key: found.key,
        payment,
        url: `/v1/payments/${payment}`,
        original_request: found.requestId,
        created_at: found.createdAt.toISOString(),
      },
    };
  };
}
