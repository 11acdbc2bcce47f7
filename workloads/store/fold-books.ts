import type pg from "pg";

// So many entries make a fold, and no fold takes more; fewer are folded after so much time.
const entries = 100_000;
const everyMinutes = 15;

/**
 * Folds what was closed since the last fold into checkpoints. Only what is closed: an entry that became visible after the checkpoint over its
 * time would be in no balance. Returns whether there is more. In the caller's transaction.
 */
export async function foldBooks(tx: pg.ClientBase): Promise<boolean> {
  await tx.query("select from satang.books for update"); // whoever comes second waits here, and then sees what the first has folded
  const { rows } = await tx.query<{ since: string; closed: string; through: string | null; due: boolean }>(dueText, [
    entries,
    everyMinutes,
  ]);
  const [{ since, closed, through, due }] = rows as [(typeof rows)[0]];
  if (!due) return false;
  await tx.query(foldText, [since, through ?? closed]);
  await tx.query(thinCheckpointsText, [through ?? closed]);
  await tx.query(thinFoldsText, [through ?? closed]);
  return through !== null;
}

const dueText = `
with books as (select closed_through from satang.books),
since as (select coalesce(max(through), '-infinity') as since from satang.folds),
nth as (
  select created_at as through from satang.ledger_entries, since, books
  where created_at >= since and created_at < closed_through order by created_at offset $1 limit 1
)
select since::text, closed_through::text as closed, (select through::text from nth) as through,
  (exists (select from nth) or closed_through >= since + $2 * interval '1 minute')
    and exists (select from satang.ledger_entries where created_at >= since and created_at < closed_through) as due
from since, books`;

const foldText = `
with moved as (
  select bucket, merchant_id, account, currency, sum(amount) as amount from satang.ledger_entries
  where created_at >= $1::timestamptz and created_at < $2::timestamptz group by bucket, merchant_id, account, currency
), fold as (
  insert into satang.folds (through) values ($2::timestamptz)
)
insert into satang.checkpoints (bucket, merchant_id, account, currency, through, amount)
select bucket, merchant_id, account, currency, $2::timestamptz, m.amount + coalesce((
  select c.amount from satang.checkpoints c
  where c.bucket = m.bucket and c.merchant_id = m.merchant_id and c.account = m.account and c.currency = m.currency order by c.through desc limit 1), 0)
from moved m`;

// Of what is older than two days, the last fold of each day is kept, and the last checkpoint of each account in that day. Both thin by the same
// bounds: every fold that is kept finds each account's checkpoint before it. Looks at the accounts that this fold moved, and two days back.
const thinCheckpointsText = `
delete from satang.checkpoints c using satang.checkpoints now
where now.through = $1::timestamptz and c.bucket = now.bucket and c.merchant_id = now.merchant_id and c.account = now.account and c.currency = now.currency
  and c.through < $1::timestamptz - interval '2 days' and c.through > $1::timestamptz - interval '4 days'
  and exists (
    select from satang.checkpoints later
    where later.bucket = c.bucket and later.merchant_id = c.merchant_id and later.account = c.account and later.currency = c.currency
      and later.through > c.through and later.through < $1::timestamptz - interval '2 days'
      and date_trunc('day', later.through, 'UTC') = date_trunc('day', c.through, 'UTC'))`;

const thinFoldsText = `
delete from satang.folds f
where f.through < $1::timestamptz - interval '2 days' and f.through > $1::timestamptz - interval '4 days'
  and exists (
    select from satang.folds later
    where later.through > f.through and later.through < $1::timestamptz - interval '2 days' and date_trunc('day', later.through, 'UTC') = date_trunc('day', f.through, 'UTC'))`;
