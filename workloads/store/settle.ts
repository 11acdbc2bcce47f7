import { newUuid } from "../payment/id.ts";
import type { ClaimedOperation } from "../payment/operation.ts";
import { refundAsked } from "../payment/posting.ts";
import type { Settlement } from "../payment/settlement.ts";
import { refColumns } from "./claim.ts";

export type Settling = { readonly claimed: ClaimedOperation; readonly settlement: Settlement };

/**
 * Writes how operations ended: operation, payment, journal, event and its deliveries of each, and what follows of itself, in this one commit. Fenced by `attempt`: what another
 * worker has taken meanwhile does not come back, and nothing of it is written. One payment comes at most once in a batch.
 */
export const settle = {
  name: "settle",
  text: `
with done as (
  update satang.operations o
  set state = i.state, provider_reference = i.provider_reference, decline_code = i.decline_code, lease_until = null, last_error = null, settled_at = now()
  from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::int[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[], $11::bigint[],
      $12::uuid[], $13::text[], $14::float8[])
    as i(bucket, merchant_id, id, attempt, payment_id, state, provider_reference, decline_code, status, captured, refunded, event_id, event_type, expires_in_seconds)
  where o.bucket = i.bucket and o.merchant_id = i.merchant_id and o.id = i.id and o.attempt = i.attempt and o.is_open is not false
  returning i.*, o.kind, o.amount, o.currency, o.provider
), paid as (
  update satang.payments p
  set status = case when done.kind = 'expire' and p.status = 'succeeded' then p.status else coalesce(done.status, p.status) end,
      outcome = case
        when done.state = 'needs_review' then 'unknown'
        when p.outcome is null then null
        when exists (select from satang.operations u where u.bucket = p.bucket and u.merchant_id = p.merchant_id and u.payment_id = p.id
                     and u.id <> done.id and u.state in ('unknown', 'needs_review')) then 'unknown'
      end,
      captured = p.captured + done.captured,
      refunded = p.refunded + done.refunded,
      refunding = p.refunding - case when done.kind = 'refund' and done.state <> 'needs_review' then done.amount else 0 end,
      pending = case when done.kind in ('capture', 'void') and done.state <> 'needs_review' then null else p.pending end,
      provider_reference = coalesce(p.provider_reference, done.provider_reference),
      failure_code = case when done.status = 'failed' then done.decline_code else p.failure_code end,
      capture_before = coalesce(p.capture_before, now() + done.expires_in_seconds * interval '1 second'),
      version = p.version + 1,
      updated_at = now()
  from done
  where p.bucket = done.bucket and p.merchant_id = done.merchant_id and p.id = done.payment_id
  returning p.bucket, p.merchant_id, p.id, p.mode, p.status, p.captured, p.refunded, p.failure_code, p.version, done.event_id, done.event_type, done.id as operation_id
), late as (
  select done.id from done
  join satang.payments p on p.bucket = done.bucket and p.merchant_id = done.merchant_id and p.id = done.payment_id
  where done.captured > 0 and p.status = 'expired'
), posted as (
  insert into satang.ledger_entries (bucket, merchant_id, operation_id, line, account, currency, amount)
  select l.bucket, l.merchant_id, l.operation_id, l.line, l.account, l.currency, l.amount
  from unnest($15::smallint[], $16::uuid[], $17::uuid[], $18::smallint[], $19::text[], $20::text[], $21::bigint[], $22::boolean[])
    as l(bucket, merchant_id, operation_id, line, account, currency, amount, if_late)
  where (l.operation_id in (select id from done)) is true and (not l.if_late or l.operation_id in (select id from late))
), told as (
  insert into satang.events (bucket, merchant_id, id, mode, type, payment_id, operation_id, data)
  select bucket, merchant_id, event_id, mode, event_type, id, operation_id,
    jsonb_build_object('status', status, 'captured', captured, 'refunded', refunded, 'failure_code', failure_code, 'version', version)
  from paid
  where event_type is not null and (event_type <> 'payment.expired' or status = 'expired')
  returning bucket, merchant_id, id, mode, type, payment_id
), delivering as (
  insert into satang.operations (bucket, merchant_id, id, payment_id, kind, queue, state, event_id, endpoint_id, due_at)
  select t.bucket, t.merchant_id, satang.derived_id(t.id, w.id::text), t.payment_id, 'deliver', 'webhooks', 'queued', t.id, w.id, now()
  from told t join satang.webhook_endpoints w on w.bucket = t.bucket and w.merchant_id = t.merchant_id and w.mode = t.mode
  where w.disabled_at is null and (w.event_types is null or t.type = any(w.event_types))
), expiring as (
  insert into satang.operations (bucket, merchant_id, id, payment_id, kind, queue, state, amount, currency, provider, parent_reference, due_at, created_at)
  select bucket, merchant_id, satang.derived_id(payment_id, 'expire'), payment_id, 'expire', 'payments', 'queued', amount, currency, provider, provider_reference,
    now() + expires_in_seconds * interval '1 second', now() + expires_in_seconds * interval '1 second' -- its age counts from then
  from done where expires_in_seconds is not null
), needless as (
  update satang.operations e
  set state = 'declined', settled_at = now(), last_error = 'it was captured or canceled before'
  from done
  where done.kind in ('capture', 'void') and done.state = 'succeeded'
    and e.bucket = done.bucket and e.merchant_id = done.merchant_id and e.id = satang.derived_id(done.payment_id, 'expire') and e.state = 'queued'
)
select id from done`,
};

export function settleValues(rows: readonly Settling[]): unknown[] {
  const settlements = rows.map((row) => row.settlement);
  const lines = rows.flatMap(({ claimed, settlement }) =>
    settlement.journal.map((posting, line) => ({ claimed, line: line + linesBefore(claimed), posting })),
  );
  return [
    ...refColumns(rows.map((row) => row.claimed)),
    rows.map((row) => row.claimed.attempt),
    rows.map((row) => row.claimed.paymentId),
    settlements.map((s) => s.state),
    settlements.map((s) => s.providerReference),
    settlements.map((s) => s.declineCode),
    settlements.map((s) => s.status),
    settlements.map((s) => s.captured),
    settlements.map((s) => s.refunded),
    rows.map(() => newUuid()),
    settlements.map((s) => s.event),
    settlements.map((s) => s.expiresInSeconds),
    ...refColumns(lines.map((l) => l.claimed)),
    lines.map((l) => l.line),
    lines.map((l) => l.posting.account),
    lines.map((l) => l.posting.currency),
    lines.map((l) => l.posting.amount),
    lines.map((l) => l.posting.ifLate ?? false),
  ];
}

// A refund has set its money aside when it was accepted.
const linesBefore = ({ kind, amount, currency }: ClaimedOperation): number =>
  kind === "refund" ? refundAsked(amount, currency).length : 0;
