import { newUuid } from "../payment/id.ts";
import type { Payment } from "../payment/payment.ts";
import type { NewPayment } from "./store.ts";

/**
 * Key, payment and operation for each row whose key is new: one commit, so a payment that was acknowledged can neither be without
 * its operation nor be made twice. Rows that do not come back had their key taken. What a concurrent call committed meanwhile is
 * not visible to this statement, so it is read by `recall` in the next one.
 */
export const accept = {
  name: "accept",
  text: `
with input as (
  select * from unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::uuid[], $8::uuid[], $9::bigint[],
      $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::jsonb[], $17::text[], $18::float8[])
    as t(bucket, merchant_id, mode, key, request_hash, request_id, payment_id, operation_id, amount,
      currency, capture, method_type, method_token, provider, reference, metadata, kind, due_seconds)
), fresh as (
  insert into satang.idempotency_keys (bucket, merchant_id, mode, key, request_hash, payment_id, request_id)
  select bucket, merchant_id, mode, key, request_hash, payment_id, request_id from input
  on conflict do nothing
  returning payment_id, created_at
), paid as (
  insert into satang.payments (bucket, merchant_id, id, mode, status, amount, currency, capture, method_type, provider, reference, metadata)
  select bucket, merchant_id, payment_id, mode, 'processing', amount, currency, capture, method_type, provider, reference, metadata
  from input where (payment_id in (select payment_id from fresh)) is true -- "is true" keeps it a hashed look-up: a join would compare each with each
), asked as (
  insert into satang.operations (bucket, merchant_id, id, payment_id, kind, queue, state, amount, currency, provider, method_token, due_at)
  select bucket, merchant_id, operation_id, payment_id, kind, 'payments', 'queued', amount, currency, provider, method_token, now() + due_seconds * interval '1 second'
  from input where (payment_id in (select payment_id from fresh)) is true
)
select payment_id, created_at from fresh`,
};

/** A request with the ids that its payment and its first operation will have, if its key is new. */
export type Numbered = { readonly request: NewPayment; readonly paymentId: string; readonly operationId: string };

export function numbered(request: NewPayment): Numbered {
  return { request, paymentId: newUuid(), operationId: newUuid() };
}

export function acceptValues(rows: readonly Numbered[], dueSeconds: number): unknown[] {
  const requests = rows.map((row) => row.request);
  return [
    requests.map((r) => r.bucket),
    requests.map((r) => r.merchantId),
    requests.map((r) => r.mode),
    requests.map((r) => r.key),
    requests.map((r) => r.requestHash),
    requests.map((r) => r.requestId),
    rows.map((row) => row.paymentId),
    rows.map((row) => row.operationId),
    requests.map((r) => r.amount),
    requests.map((r) => r.currency),
    requests.map((r) => r.capture),
    requests.map((r) => r.method.type),
    requests.map((r) => r.method.token),
    requests.map((r) => r.provider),
    requests.map((r) => r.reference),
    requests.map((r) => JSON.stringify(r.metadata)),
    requests.map((r) => (r.capture === "automatic" ? "charge" : "authorize")),
    requests.map((r) => (r.dueNow ? 0 : dueSeconds)),
  ];
}

/** The payment that `accept` has just made: we know it without reading it back. */
export function acceptedPayment({ request, paymentId }: Numbered, createdAt: Date): Payment {
  const { bucket, merchantId, mode, amount, currency, capture, method, provider, reference, metadata } = request;
  const made = {
    status: "processing",
    outcome: null,
    captured: 0,
    refunded: 0,
    refunding: 0,
    pending: null,
    failureCode: null,
    captureBefore: null,
    version: 1,
  } as const;
  return {
    bucket,
    merchantId,
    id: paymentId,
    mode,
    amount,
    currency,
    capture,
    method: { type: method.type }, // the token stays with the operation
    provider,
    reference,
    metadata,
    ...made,
    createdAt,
    updatedAt: createdAt,
  };
}

/** Keys are locked in this order by every batch, so two batches never wait for each other. */
export function byKeyOrder(a: NewPayment, b: NewPayment): number {
  return a.bucket - b.bucket || compare(a.merchantId, b.merchantId) || compare(a.mode, b.mode) || compare(a.key, b.key);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
