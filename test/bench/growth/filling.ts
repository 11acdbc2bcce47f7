import { withClient } from "../stage.ts";

/** Payments that one statement makes. */
const atOnce = 100_000;
const days = 30; // over which they were taken

/**
 * Makes payments as they are when all is done: key, payment, operation, a journal of four lines, an event, each dated when it would have been.
 * They belong to the merchants in turn. Keys look like those that `feeder.ts` makes, so that new ones lie among them and not behind them.
 * Only triggers do not run, of which one refuses what is dated back; every constraint and every index is as ever.
 */
export async function fill(url: string, payments: number, merchants: readonly string[], say: (done: number) => void): Promise<void> {
  await withClient(url, async (client) => {
    await client.query("set session_replication_role = replica; set synchronous_commit = off");
    for (let done = 0; done < payments; done += atOnce) {
      await client.query(fillText, [done, Math.min(payments, done + atOnce) - 1, payments, days, merchants]);
      say(Math.min(payments, done + atOnce));
    }
    // As autovacuum would, some minutes later.
    await client.query(
      "vacuum (analyze) satang.idempotency_keys, satang.payments, satang.operations, satang.ledger_entries, satang.events",
    );
  });
}

// In each statement merchant by merchant, as the primary keys go, and statement by statement in the order of time, as ids go.
const fillText = `
with made as materialized (
  select n, satang.bucket_of(m.id) as bucket, m.id as merchant_id, at,
    (time || '7000' || '8000' || tail)::uuid as payment_id, (time || '7001' || '8000' || tail)::uuid as operation_id,
    (time || '7002' || '8000' || tail)::uuid as event_id,
    'bench-' || (100000000 + (hashint8(n)::bigint + 2147483648) * 9 / 43)::text || '-' || n as key
  from generate_series($1::bigint, $2::bigint) as n
  join unnest($5::uuid[]) with ordinality as m(id, ordinal) on m.ordinal = n % cardinality($5::uuid[]) + 1
  cross join lateral (select now() - (1 - n::float8 / $3) * $4 * interval '1 day' as at) as dated
  cross join lateral (select lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') as time, lpad(to_hex(n), 12, '0') as tail) as texts
  order by m.ordinal, n
), keyed as (
  insert into satang.idempotency_keys (bucket, merchant_id, mode, key, request_hash, payment_id, request_id, created_at)
  select bucket, merchant_id, 'test', key, sha256('one body'), payment_id, 'req_bench', at from made
), paid as (
  insert into satang.payments (bucket, merchant_id, id, mode, status, amount, currency, captured, capture, method_type, provider, provider_reference, version, created_at, updated_at)
  select bucket, merchant_id, payment_id, 'test', 'succeeded', 350, 'THB', 350, 'automatic', 'card', 'simulator', 'ch_bench', 2, at, at from made
), done as (
  insert into satang.operations (bucket, merchant_id, id, payment_id, kind, queue, state, amount, currency, provider, method_token, attempt, due_at, first_sent_at,
    provider_reference, created_at, settled_at)
  select bucket, merchant_id, operation_id, payment_id, 'charge', 'payments', 'succeeded', 350, 'THB', 'simulator', 'tok_visa', 1, at, at, 'ch_bench', at, at from made
), posted as (
  insert into satang.ledger_entries (bucket, merchant_id, operation_id, line, account, currency, amount, created_at)
  select bucket, merchant_id, operation_id, line, account, 'THB', amount, at
  from made cross join (values (0, 'provider.receivable:simulator', 350), (1, 'merchant.pending', -350), (2, 'merchant.pending', 6),
    (3, 'provider.receivable:simulator', -6)) as lines(line, account, amount)
)
insert into satang.events (bucket, merchant_id, id, mode, type, payment_id, operation_id, data, created_at)
select bucket, merchant_id, event_id, 'test', 'payment.succeeded', payment_id, operation_id,
  jsonb_build_object('status', 'succeeded', 'captured', 350, 'refunded', 0, 'failure_code', null, 'version', 2), at
from made`;
