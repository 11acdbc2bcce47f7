import type { Request } from "express";
import type { PaymentCache } from "../cache/payment-cache.ts";
import { type FollowUp, type FollowUpKind, mostOf, type Obstacle } from "../payment/follow-up.ts";
import { parsePublicId } from "../payment/id.ts";
import { isOpen, type OperationRef } from "../payment/operation.ts";
import type { Payment } from "../payment/payment.ts";
import type { AcceptedFollowUp } from "../store/follow-up.ts";
import type { MerchantStore } from "../store/merchant-store.ts";
import type { Tenant } from "../store/store.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { jsonObjectOf, readBody } from "./body.ts";
import type { Answer, Asked } from "./endpoint.ts";
import { fingerprint } from "./fingerprint.ts";
import { idempotencyKeyOf } from "./idempotency-key.ts";
import { type ProblemCode, Refusal } from "./problem.ts";
import { preferredWait, type Waiting } from "./waiting.ts";
import { withToken } from "./with-token.ts";

export type FollowUpDeps = {
  readonly store: Pick<MerchantStore, "acceptFollowUp" | "payment" | "position">;
  readonly payments: Pick<PaymentCache, "forget">;
  readonly waitingForFollowUps: Waiting<FollowUp>;
  readonly metrics: Pick<Metrics, "idempotency">;
  readonly hint: (refs: OperationRef[]) => void;
  readonly dueNow: () => boolean;
};

export type FollowUpRequest = {
  /** Left out: as much as there is. */
  readonly amount?: number | undefined;
  readonly reason?: string | null | undefined;
  readonly reference?: string | null | undefined;
  readonly metadata?: unknown;
};

type AskedOfPayment = Asked<Request> & { readonly tenant: Tenant };

/** How a kind of request is read and answered. */
export type FollowUpKindOf = {
  readonly kind: FollowUpKind;
  readonly path: string;
  readonly requestOf: (sent: object) => FollowUpRequest;
  readonly answer: (made: { followUp: FollowUp; payment: Payment; tenant: Tenant }) => {
    readonly location: string;
    readonly body: object;
  };
};

/** Problems of every request that asks something of a payment. */
export const followUpProblems = [
  "idempotency_key_required",
  "idempotency_key_invalid",
  "idempotency_key_reused",
  "payment_not_found",
  "payment_outcome_unknown",
  "operation_in_progress",
  "amount_too_large",
] as const satisfies readonly ProblemCode[];

/**
 * Asks something of a payment, under a key: 202 once it is durable, 201 when it has ended, which `Prefer: wait=n` waits for. What the payment
 * does not allow is refused, and the key stays free. A repeat gets what the key made, as it is by then.
 */
export async function askOf(asked: AskedOfPayment, how: FollowUpKindOf, deps: FollowUpDeps): Promise<Answer> {
  const { request, response, tenant } = asked;
  const { accepted, wasDueNow } = await accept(asked, how, deps);
  if (accepted.result === "new") {
    deps.payments.forget(tenant, accepted.payment.id);
    if (!wasDueNow) deps.hint([accepted.operation]);
  }

  const seconds = preferredWait(request.headers.prefer);
  const { waitingForFollowUps: waiting } = deps;
  const ended = seconds > 0 ? await waiting.settled(accepted.followUp, { tenant, seconds, response }) : undefined;
  const followUp = ended ?? accepted.followUp;
  const payment = ended ? ((await deps.store.payment(tenant, accepted.payment.id)) ?? accepted.payment) : accepted.payment;
  const { location, body } = how.answer({ followUp, payment, tenant });
  const headers: Record<string, string> = { location };
  if (ended) headers["preference-applied"] = `wait=${seconds}`;
  if (accepted.result === "replay") {
    headers["idempotent-replayed"] = "true";
    headers["original-request"] = accepted.originalRequestId;
  }
  return withToken({ status: isOpen(followUp.state) ? 202 : 201, headers, body }, { request, tenant, store: deps.store });
}

type Served = Extract<AcceptedFollowUp, { followUp: FollowUp }>;

async function accept({ request, requestId, tenant }: AskedOfPayment, { kind, path, requestOf }: FollowUpKindOf, deps: FollowUpDeps) {
  const key = idempotencyKeyOf(request);
  const id = parsePublicId("payment", String(request.params.id));
  const sent = jsonObjectOf(await readBody(request), { orNothing: true });
  const { amount, reason = null, reference = null, metadata } = requestOf(sent);
  if (id?.bucket !== tenant.bucket) throw notFound();

  const payment = amount === undefined ? await deps.store.payment(tenant, id.uuid) : undefined;
  if (amount === undefined && !payment) throw notFound();
  const dueNow = kind === "refund" || deps.dueNow();
  const accepted = await deps.store.acceptFollowUp({
    ...tenant,
    ...{ key, kind, reason, reference, requestId, dueNow },
    paymentId: id.uuid,
    requestHash: fingerprint({ method: "POST", route: path, ids: [id.uuid], body: sent }),
    amount: amount ?? Math.max(1, mostOf(kind, payment!)), // 1 of nothing is too much, and refused as that
    metadata: (metadata ?? null) as Record<string, string> | null,
  });
  if (!accepted) throw notFound();
  deps.metrics.idempotency.inc({ result: accepted.result });
  return { accepted: served(accepted, kind), wasDueNow: dueNow };
}

function served(accepted: AcceptedFollowUp, kind: FollowUpKind): Served {
  switch (accepted.result) {
    case "reused": {
      const detail =
        "This Idempotency-Key was used for a request that differs from this one. Use a new key, or repeat the first request as it was.";
      throw new Refusal({ code: "idempotency_key_reused", detail });
    }
    case "refused":
      throw refusalOf(accepted.obstacle, kind, accepted.payment);
    default:
      return accepted;
  }
}

const verbs = { capture: "captured", void: "canceled", refund: "refunded" } as const;
const wrongStatus = {
  capture: "payment_not_capturable",
  void: "payment_not_cancelable",
  refund: "payment_not_refundable",
} as const satisfies Record<FollowUpKind, ProblemCode>;

function refusalOf(obstacle: Obstacle, kind: FollowUpKind, payment: Payment): Refusal {
  switch (obstacle) {
    case "outcome_unknown": {
      const detail = "Nobody knows yet what the provider did with this payment. Ask again when it has no outcome any more.";
      return new Refusal({ code: "payment_outcome_unknown", detail }, { headers: { "retry-after": "10" } });
    }
    case "in_progress": {
      const detail = "Another operation is about to change this payment. Send this one again when it has ended.";
      return new Refusal({ code: "operation_in_progress", detail }, { headers: { "retry-after": "1" } });
    }
    case "wrong_status": {
      const needed = kind === "refund" ? "succeeded" : "requires_capture";
      const detail = `A payment can be ${verbs[kind]} while its status is ${needed}; this one's is ${payment.status}.`;
      return new Refusal({ code: wrongStatus[kind], detail });
    }
    case "amount_too_large": {
      const most = mostOf(kind, payment);
      const detail =
        most > 0 ? `At most ${most} (minor units of ${payment.currency}) can be ${verbs[kind]}.` : `Nothing is left to be ${verbs[kind]}.`;
      return new Refusal({ code: "amount_too_large", detail, param: "amount" });
    }
  }
}

const notFound = (): Refusal =>
  new Refusal({ code: "payment_not_found", detail: "You have no payment with this id, in this mode. Ids begin with pay_." });
