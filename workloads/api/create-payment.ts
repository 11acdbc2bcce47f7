import type { OperationRef } from "../payment/operation.ts";
import type { Payment } from "../payment/payment.ts";
import type { Accepted, Store, Tenant } from "../store/store.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { jsonObjectOf, readBody } from "./body.ts";
import type { Answer, Asked } from "./endpoint.ts";
import { fingerprint } from "./fingerprint.ts";
import { type Gates, overloaded } from "./gates.ts";
import { idempotencyKeyOf } from "./idempotency-key.ts";
import { paymentRequest, paymentRequestOf } from "./payment-request.ts";
import { etagOf, paymentResource, paymentSchema } from "./payment-resource.ts";
import { Refusal } from "./problem.ts";
import { digestOf, type RecentKeys } from "./recent-keys.ts";
import type { Route } from "./route.ts";
import { preferredWait, type Waiting } from "./waiting.ts";

export type CreatePaymentDeps = {
  readonly store: Pick<Store, "accept" | "replayed">;
  readonly recent: RecentKeys;
  readonly waiting: Waiting<Payment>;
  readonly metrics: Pick<Metrics, "idempotency" | "loadShed">;
  readonly gates: Pick<Gates, "refusalOf" | "overload">;
  readonly provider: string;
  /** Tells the queue after the commit, best effort. */
  readonly hint: (refs: OperationRef[]) => void;
  /** Whether new operations are left to the dispatcher, without a hint. */
  readonly dueNow: () => boolean;
};

export const paymentsRoute = "/v1/payments";

/**
 * `POST /v1/payments`: 202 once the payment is durable, 201 when it is already settled or needs somebody, which `Prefer: wait=n` waits for.
 * A repeat under the same key gets the payment as it is by then, and makes nothing.
 */
export function createPayment(deps: CreatePaymentDeps): Route {
  return {
    method: "POST",
    path: paymentsRoute,
    access: "payments:write",
    load: "payment",
    doc: {
      summary: "Create a payment",
      body: paymentRequest,
      answers: {
        201: { description: "The payment is settled, or needs somebody.", body: paymentSchema },
        202: { description: "The payment is durable, and will be charged.", body: paymentSchema },
      },
      problems: ["idempotency_key_required", "idempotency_key_invalid", "idempotency_key_reused"],
    },
    handle: (asked) => create(asked, deps),
  };
}

async function create({ request, response, requestId, tenant }: Asked & { tenant: Tenant }, deps: CreatePaymentDeps): Promise<Answer> {
  const key = idempotencyKeyOf(request);
  const body = await readBody(request);

  const dueNow = deps.dueNow();
  const accepted = await acceptOnce({ tenant, key, body, requestId, dueNow }, deps);
  deps.metrics.idempotency.inc({ result: accepted.result });
  if (accepted.result === "reused") {
    const detail =
      "This Idempotency-Key was used for a request that differs from this one. Use a new key, or repeat the first request as it was.";
    throw new Refusal({ code: "idempotency_key_reused", detail });
  }
  if (accepted.result === "new" && !dueNow) deps.hint([accepted.operation]);

  const seconds = preferredWait(request.headers.prefer);
  const settled = seconds > 0 ? await deps.waiting.settled(accepted.payment, { tenant, seconds, response }) : undefined;
  const payment = settled ?? accepted.payment;
  return answerOf(accepted, payment, settled === undefined ? {} : { "preference-applied": `wait=${seconds}` });
}

type Once = { readonly tenant: Tenant; readonly key: string; readonly body: Buffer; readonly requestId: string; readonly dueNow: boolean };

async function acceptOnce({ tenant, key, body, requestId, dueNow }: Once, deps: CreatePaymentDeps): Promise<Accepted> {
  const { store, recent, provider, gates } = deps;
  const digest = digestOf(tenant, key, body);
  const remembered = recent.of(digest);
  if (remembered) {
    const replay = await store.replayed({ ...tenant, key, requestHash: remembered });
    if (replay) return replay;
  }

  const sent = jsonObjectOf(body);
  const request = paymentRequestOf(sent);
  const requestHash = fingerprint({ method: "POST", route: paymentsRoute, ids: [], body: sent });
  const refusal = gates.refusalOf(tenant) ?? (gates.overload.sheds("payment", tenant.bucket) ? overloaded() : undefined);
  if (refusal) return replayedOr(refusal, { ...tenant, key, requestHash }, deps);
  const accepted = await store.accept({ ...tenant, ...request, key, requestHash, requestId, provider, dueNow });
  if (accepted.result !== "reused") recent.remember(digest, requestHash);
  return accepted;
}

// What was accepted before is answered however much there is to do: that is cheap, and ends a storm of repeats.
async function replayedOr(
  refusal: Refusal,
  request: Tenant & { key: string; requestHash: Buffer },
  { store, metrics }: CreatePaymentDeps,
): Promise<Accepted> {
  const replay = await store.replayed(request);
  if (replay) return replay;
  metrics.loadShed.inc({ class: "payment", reason: refusal.code });
  throw refusal;
}

type Served = Exclude<Accepted, { result: "reused" }>;

function answerOf(accepted: Served, payment: Payment, more: Record<string, string>): Answer {
  const body = paymentResource(payment);
  const headers: Record<string, string> = { location: `${paymentsRoute}/${body.id}`, etag: etagOf(payment), ...more };
  if (accepted.result === "replay") {
    headers["idempotent-replayed"] = "true";
    headers["original-request"] = accepted.originalRequestId;
  }
  return { status: payment.status === "processing" ? 202 : 201, headers, body };
}
