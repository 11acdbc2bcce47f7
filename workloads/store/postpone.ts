import type { ClaimedOperation, Postponement } from "../payment/operation.ts";
import { refColumns } from "./claim.ts";

export type Postponing = { readonly claimed: ClaimedOperation; readonly postponement: Postponement };

/**
 * Gives operations back for later, fenced as `settle` is. What is unknown stays unknown, whatever a later attempt says of itself,
 * and its payment shows it.
 */
export const postpone = {
  name: "postpone",
  text: `
with held as (
  update satang.operations o
  set state = case when o.state = 'unknown' then 'unknown' else i.state end,
      unknowns = i.unknowns,
      due_at = now() + i.delay_seconds * interval '1 second',
      lease_until = null,
      last_error = i.reason
  from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::int[], $5::uuid[], $6::text[], $7::int[], $8::float8[], $9::text[])
    as i(bucket, merchant_id, id, attempt, payment_id, state, unknowns, delay_seconds, reason)
  where o.bucket = i.bucket and o.merchant_id = i.merchant_id and o.id = i.id and o.attempt = i.attempt and o.is_open is not false
  returning i.*
), shown as (
  update satang.payments p set outcome = 'unknown', version = p.version + 1, updated_at = now()
  from held
  where p.bucket = held.bucket and p.merchant_id = held.merchant_id and p.id = held.payment_id and held.state = 'unknown' and p.outcome is null
)
select id from held`,
};

export function postponeValues(rows: readonly Postponing[]): unknown[] {
  return [
    ...refColumns(rows.map((row) => row.claimed)),
    rows.map((row) => row.claimed.attempt),
    rows.map((row) => row.claimed.paymentId),
    rows.map((row) => row.postponement.state),
    rows.map((row) => row.postponement.unknowns),
    rows.map((row) => row.postponement.delaySeconds),
    rows.map((row) => row.postponement.reason.slice(0, 500)),
  ];
}
