import type { Request } from "express";
import { parsePublicId } from "../payment/id.ts";
import type { Store } from "../store/store.ts";
import type { Authenticate } from "./authenticate.ts";
import type { Handler } from "./endpoint.ts";
import { etagOf, paymentResource } from "./payment-resource.ts";
import { Refusal } from "./problem.ts";
import { maxWaitSeconds, type Waiting } from "./waiting.ts";

export type GetPaymentDeps = { readonly store: Pick<Store, "payment">; readonly authenticate: Authenticate; readonly waiting: Waiting };

/** `GET /v1/payments/{id}`: the payment now, or with `?wait=n` once it is settled; 304 for who has this version. */
export function getPayment({ store, authenticate, waiting }: GetPaymentDeps): Handler<Request> {
  return async ({ request, response }) => {
    const tenant = await authenticate(request);
    const seconds = waitOf(request.query.wait);
    const id = parsePublicId("payment", String(request.params.id));
    // Ids carry their bucket, so another merchant's most often need not be looked for.
    const found = id?.bucket === tenant.bucket ? await store.payment(tenant, id.uuid) : undefined;
    if (!found)
      throw new Refusal({ code: "payment_not_found", detail: "You have no payment with this id, in this mode. Ids begin with pay_." });

    const payment = (seconds > 0 ? await waiting.settled(found, { tenant, seconds, response }) : undefined) ?? found;
    const etag = etagOf(payment);
    if (matches(request.headers["if-none-match"], etag)) return { status: 304, headers: { etag } };
    // It may be kept, but not used without asking: a refund or a dispute changes it at any time.
    return { status: 200, headers: { etag, "cache-control": "private, no-cache" }, body: paymentResource(payment) };
  };
}

function waitOf(wait: unknown): number {
  if (wait === undefined) return 0;
  if (typeof wait === "string" && /^\d{1,2}$/.test(wait) && Number(wait) <= maxWaitSeconds) return Number(wait);
  throw new Refusal({ code: "parameter_invalid", detail: `wait must be whole seconds from 0 to ${maxWaitSeconds}.`, param: "wait" });
}

// Weak comparison, as RFC 9110 has it for If-None-Match.
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch === "*" || ifNoneMatch.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}
