import type pg from "pg";
import type { OperationRef } from "../payment/operation.ts";
import type { BookFault, Checked } from "./books.ts";
import { refColumns } from "./claim.ts";

const newAtOnce = 20_000; // entries, and as many events
const oldAtOnce = 2_000; // operations
const faultsKept = 1_000; // when it is more than that, it is not one operation that is wrong

/**
 * Holds operations against their journals and payments: each journal sums to zero in each currency; money that moved has a journal over its
 * amount, and nothing else has; a payment's captured and refunded are what its operations moved. Looks at what was closed since the last
 * check, and besides goes round over everything, so that what is changed in old books is found too. In the caller's transaction.
 */
export async function checkBooks(tx: pg.ClientBase): Promise<Checked> {
  const { rows } = await tx.query<State>(stateText, [newAtOnce]);
  const state = rows[0]!;
  const fresh = await refsOf(tx, freshText, [state.since, state.until]);
  const walked = [state.bucket, state.merchant, state.operation];
  const old = await refsOf(tx, oldText, [...walked, oldAtOnce]);
  const wrong = await refsOf(tx, "select distinct bucket, merchant_id, operation_id as id from satang.book_faults", []);
  const last = old.length < oldAtOnce ? undefined : old.at(-1);
  const strays = await refsOf(tx, strayText, [...walked, last?.bucket ?? 4096, last?.merchantId ?? zero, last?.id ?? zero]);

  const looked = refColumns([...fresh, ...old, ...strays, ...wrong]);
  const faults = (await tx.query<BookFault>(faultsText, looked)).rows;
  await tx.query(forgetText, [...looked, ...refColumns(faults), faults.map(({ fault }) => fault)]);
  const found = await tx.query<BookFault>(keepText, [
    ...refColumns(faults),
    faults.map((f) => f.fault),
    faults.map((f) => f.offBy),
    faultsKept,
  ]);
  const next = last ?? { bucket: -1, merchantId: zero, id: zero }; // and round again
  await tx.query(goOnText, [state.until, next.bucket, next.merchantId, next.id]);
  const { rows: sums } = await tx.query<{ off_by: number }>(offByText);
  return { offBy: sums[0]!.off_by, found: found.rows, more: state.more };
}

type State = { since: string; until: string; more: boolean; bucket: number; merchant: string; operation: string };

const zero = "00000000-0000-0000-0000-000000000000";

async function refsOf(tx: pg.ClientBase, text: string, values: unknown[]): Promise<OperationRef[]> {
  const { rows } = await tx.query<{ bucket: number; merchant_id: string; id: string }>(text, values);
  return rows.map(({ bucket, merchant_id, id }) => ({ bucket, merchantId: merchant_id, id }));
}

// Where the look ends when more than so much is new: at a time, which may be in the middle of what was written at that time.
const stateText = `
with books as (select * from satang.books),
nth as (
  (select created_at from satang.ledger_entries, books where created_at >= checked_through and created_at < closed_through order by created_at offset $1 limit 1)
  union all
  (select created_at from satang.events, books where created_at >= checked_through and created_at < closed_through order by created_at offset $1 limit 1)
)
select checked_through::text as since, coalesce((select min(created_at) from nth), closed_through)::text as until, exists (select from nth) as more,
  walked_to_bucket as bucket, walked_to_merchant as merchant, walked_to_operation as operation from books`;

const freshText = `
select bucket, merchant_id, operation_id as id from satang.ledger_entries where created_at >= $1::timestamptz and created_at < $2::timestamptz
union
select bucket, merchant_id, operation_id from satang.events where created_at >= $1::timestamptz and created_at < $2::timestamptz and operation_id is not null`;

const oldText = `
select bucket, merchant_id, id from satang.operations where (bucket, merchant_id, id) > ($1::smallint, $2::uuid, $3::uuid)
order by bucket, merchant_id, id limit $4`;

// Entries of no operation, in the stretch that was just walked over.
const strayText = `
select distinct e.bucket, e.merchant_id, e.operation_id as id from satang.ledger_entries e
where (e.bucket, e.merchant_id, e.operation_id) > ($1::smallint, $2::uuid, $3::uuid)
  and (e.bucket, e.merchant_id, e.operation_id) <= ($4::smallint, $5::uuid, $6::uuid)
  and not exists (select from satang.operations o where o.bucket = e.bucket and o.merchant_id = e.merchant_id and o.id = e.operation_id)`;

const faultsText = `
with looked as (
  select distinct k.* from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as k(bucket, merchant_id, id)
), journals as (
  select k.*, o.kind, o.state, o.amount, o.payment_id, j.*
  from looked k
  left join satang.operations o on o.bucket = k.bucket and o.merchant_id = k.merchant_id and o.id = k.id
  cross join lateral (
    select coalesce(sum(lines), 0) as lines, coalesce(sum(abs(off)), 0) as off, coalesce(sum(debit), 0) as debit, coalesce(sum(owed), 0) as owed, coalesce(sum(unowed), 0) as unowed
    from (
      select count(*) as lines, sum(amount) as off, sum(amount) filter (where amount > 0) as debit,
        sum(amount) filter (where amount > 0 and account like 'provider.receivable:%') as owed,
        -sum(amount) filter (where amount < 0 and account like 'provider.receivable:%') as unowed
      from satang.ledger_entries e where e.bucket = k.bucket and e.merchant_id = k.merchant_id and e.operation_id = k.id group by currency
    ) as by_currency
  ) as j
), payments as (
  select min(j.id::text)::uuid as id, p.bucket, p.merchant_id, p.status, p.captured, p.refunded, s.captured as moved_in, s.refunded as moved_back
  from journals j
  join satang.payments p on p.bucket = j.bucket and p.merchant_id = j.merchant_id and p.id = j.payment_id
  cross join lateral (
    select coalesce(sum(o.amount) filter (where o.kind in ('charge', 'capture')), 0) as captured, coalesce(sum(o.amount) filter (where o.kind = 'refund'), 0) as refunded
    from satang.operations o where o.bucket = p.bucket and o.merchant_id = p.merchant_id and o.payment_id = p.id and o.state = 'succeeded'
  ) as s
  group by p.bucket, p.merchant_id, p.id, s.captured, s.refunded
), faults as (
  select bucket, merchant_id, id, 'the journal does not sum to zero' as fault, off as off_by from journals where off > 0
  union all
  select bucket, merchant_id, id, 'a journal of no operation', debit from journals where lines > 0 and state is null
  union all
  select bucket, merchant_id, id, 'money moved, and no journal says so', amount from journals
  where lines = 0 and state = 'succeeded' and kind in ('charge', 'capture', 'refund')
  union all
  select bucket, merchant_id, id, 'a journal of money that did not move', debit from journals
  where lines > 0 and (kind in ('charge', 'capture') and state <> 'succeeded' or kind not in ('charge', 'capture', 'refund'))
  union all
  select bucket, merchant_id, id, 'the journal is over another amount than the operation', abs(amount - case kind when 'refund' then unowed else owed end) from journals
  where lines > 0 and state = 'succeeded' and kind in ('charge', 'capture', 'refund') and amount <> case kind when 'refund' then unowed else owed end
  union all
  select bucket, merchant_id, id, 'the payment says that another amount was captured than was', abs(captured - moved_in) from payments where captured <> moved_in
  union all
  select bucket, merchant_id, id, 'the payment says that another amount was refunded than was', abs(refunded - moved_back) from payments where refunded <> moved_back
  union all
  select bucket, merchant_id, id, 'the payment succeeded, and nothing was captured', 1 from payments where status = 'succeeded' and moved_in = 0
)
select bucket, merchant_id as "merchantId", id, fault, least(greatest(off_by, 1), 9007199254740991)::bigint as "offBy" from faults`;

const forgetText = `
delete from satang.book_faults f using unnest($1::smallint[], $2::uuid[], $3::uuid[]) as k(bucket, merchant_id, id)
where f.bucket = k.bucket and f.merchant_id = k.merchant_id and f.operation_id = k.id
  and not exists (
    select from unnest($4::smallint[], $5::uuid[], $6::uuid[], $7::text[]) as w(bucket, merchant_id, id, fault)
    where w.bucket = f.bucket and w.merchant_id = f.merchant_id and w.id = f.operation_id and w.fault = f.fault)`;

const keepText = `
insert into satang.book_faults (bucket, merchant_id, operation_id, fault, off_by)
select w.* from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[]) as w(bucket, merchant_id, id, fault, off_by)
where (select count(*) from satang.book_faults) < $6
on conflict do nothing
returning bucket, merchant_id as "merchantId", operation_id as id, fault, off_by as "offBy"`;

// One thing that is wrong with an operation often makes more of it look wrong.
const offByText = `
select coalesce(sum(off_by), 0)::bigint as off_by
from (select max(off_by) as off_by from satang.book_faults group by bucket, merchant_id, operation_id) as by_operation`;

const goOnText = `
update satang.books set checked_through = greatest(checked_through, $1::timestamptz), walked_to_bucket = $2, walked_to_merchant = $3, walked_to_operation = $4`;
