import type { Currency } from "../payment/money.ts";
import type { ClaimedOperation, MoneyKind, OperationRef } from "../payment/operation.ts";

/**
 * Takes operations for `$4` seconds and records the intent, before anything is sent. What another holds is skipped without waiting;
 * what is settled does not come back. One whose earlier holder never said what came of it is `unknown` from now on: it may have
 * reached the provider.
 *
 * "is not false" keeps the planner from the partial indexes of what is open, here and wherever a statement goes by key: with statistics of a
 * time when nothing was open it would walk through all that is open now, once for each row.
 */
export const claim = {
  name: "claim",
  text: `
with free as (
  select o.ctid as row
  from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as i(bucket, merchant_id, id)
  join satang.operations o on o.bucket = i.bucket and o.merchant_id = i.merchant_id and o.id = i.id
  where o.is_open is not false and (o.lease_until is null or o.lease_until < now())
  for update of o skip locked
)
update satang.operations
set state = case state when 'queued' then 'sent' else 'unknown' end,
    attempt = attempt + 1,
    lease_until = now() + $4::float8 * interval '1 second',
    first_sent_at = coalesce(first_sent_at, now())
where ctid = any(array(select row from free)) -- the lock holds them in their places
returning bucket, merchant_id, id, payment_id, kind, state, amount, currency, provider, method_token, parent_reference, attempt, unknowns, first_sent_at, created_at`,
};

export type ClaimRow = {
  bucket: number;
  merchant_id: string;
  id: string;
  payment_id: string;
  kind: MoneyKind;
  amount: number;
  currency: Currency;
  provider: string;
  attempt: number;
  unknowns: number;
  first_sent_at: Date;
  created_at: Date;
  state: "sent" | "unknown";
  method_token: string | null;
  parent_reference: string | null;
};

export function claimValues(refs: readonly OperationRef[], leaseSeconds: number): unknown[] {
  return [...refColumns(refs), leaseSeconds];
}

/** The primary keys of operations, a column each. */
export function refColumns(refs: readonly OperationRef[]): [number[], string[], string[]] {
  return [refs.map((ref) => ref.bucket), refs.map((ref) => ref.merchantId), refs.map((ref) => ref.id)];
}

export function claimedOf(row: ClaimRow): ClaimedOperation {
  const { bucket, id, kind, amount, currency, provider, attempt, unknowns } = row;
  return {
    ...{ bucket, id, kind, amount, currency, provider, attempt, unknowns },
    merchantId: row.merchant_id,
    paymentId: row.payment_id,
    method: row.method_token === null ? null : { type: "card", token: row.method_token },
    resolving: row.state === "unknown",
    parentReference: row.parent_reference,
    firstSentAt: row.first_sent_at,
    createdAt: row.created_at,
  };
}

/** Rows are locked in this order by every batch. */
export function byRefOrder(a: OperationRef, b: OperationRef): number {
  return (
    a.bucket - b.bucket || (a.merchantId < b.merchantId ? -1 : a.merchantId > b.merchantId ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}
