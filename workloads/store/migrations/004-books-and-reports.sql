-- Lists, balances and reports are read as satang_reader, in a transaction that names one merchant. What that role sees of a tenant's
-- table is that merchant's rows, and without a name nothing: a forgotten WHERE is an empty or a slow answer, never somebody else's.
grant satang_reader to satang_api; -- so that the API's login may take the role for such a transaction, and replicas need no login of their own

create function satang.current_merchant() returns uuid language sql stable parallel safe as $$
  select nullif(current_setting('satang.merchant', true), '')::uuid
$$;

-- The roles that serve take whole primary keys of many merchants in one statement, so their policy is `true`: what they may do is what they
-- are granted. The planner drops a constant, so accept, claim and settle cost what they did. FORCE holds for the owner too; a migration
-- that must see all rows of such a table lifts it for itself (migrate.ts makes one that forgets fail, rather than see no rows).
-- Call this at the end of every migration that makes a table with a merchant_id.
create procedure satang.keep_merchants_apart() language plpgsql as $$
declare tenants record;
begin
  for tenants in
    select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'merchant_id' and not a.attisdropped
    where c.relnamespace = 'satang'::regnamespace and c.relkind in ('r', 'p') and not c.relrowsecurity
  loop
    execute format('alter table satang.%I enable row level security', tenants.name);
    execute format('create policy servers on satang.%I to satang_api, satang_worker, satang_dispatcher using (true) with check (true)', tenants.name);
    execute format('create policy readers on satang.%I for select to satang_reader
      using (merchant_id = satang.current_merchant() and bucket = satang.bucket_of(satang.current_merchant()))', tenants.name);
    if tenants.name <> 'api_keys' then -- the owner's seed writes these
      execute format('alter table satang.%I force row level security', tenants.name);
    end if;
  end loop;
end $$;

alter table satang.merchants enable row level security;
create policy servers on satang.merchants to satang_api, satang_worker, satang_dispatcher using (true) with check (true);
create policy readers on satang.merchants for select to satang_reader using (id = satang.current_merchant());

-- When a journal was posted is its transaction's start. These hold it to that, within bounds: what has not been written half a minute after
-- that time never will be. Closing the books (below) stands on it.
create or replace function satang.refuse_unbalanced() returns trigger language plpgsql as $$
declare bad record;
begin
  select operation_id, currency, sum(amount) as off_by, bool_or(created_at <> now()) as backdated into bad
    from new_rows group by bucket, merchant_id, operation_id, currency having sum(amount) <> 0 or bool_or(created_at <> now()) limit 1;
  if found and bad.backdated then
    raise exception 'the journal of operation % is not dated now', bad.operation_id using errcode = 'check_violation';
  elsif found then
    raise exception 'the journal of operation % is off by % %', bad.operation_id, bad.off_by, bad.currency using errcode = 'check_violation';
  end if;
  return null;
end $$;
create function satang.refuse_late() returns trigger language plpgsql as $$
begin
  if clock_timestamp() - now() > interval '30 seconds' then
    raise exception 'this transaction began more than 30 s ago: %s are written sooner, or in a new one', tg_table_name using errcode = 'query_canceled';
  end if;
  return null;
end $$;
create trigger in_time after insert on satang.ledger_entries for each statement execute function satang.refuse_late();
create trigger in_time after insert on satang.events for each statement execute function satang.refuse_late();

-- The books of all merchants: how far they are closed, folded and checked. One row, of the shard.
create table satang.books (
  one boolean primary key default true check (one),
  closed_through timestamptz not null, -- what was posted before this is visible to whoever sees this, and nothing more can come
  looked_at timestamptz not null, -- every transaction that had an xid at this time ...
  looked_xid xid8 not null, -- ... has one below this; once all of those have ended, the books are closed through 30 s before it
  checked_through timestamptz not null, -- what was written before this was checked when it was new
  walked_to_bucket smallint not null default -1, -- the check that goes round over all that is old, again and again, has come to here
  walked_to_merchant uuid not null default '00000000-0000-0000-0000-000000000000',
  walked_to_operation uuid not null default '00000000-0000-0000-0000-000000000000'
);
insert into satang.books (closed_through, looked_at, looked_xid, checked_through)
  select since, now(), pg_current_xact_id(), since
  from (select coalesce(min(created_at), now()) from satang.ledger_entries) as first(since);

-- Balances at some moments, so that no balance is summed from the beginning: of each account that moved since the moment before.
-- Kept for each fold of the last two days, and for the last of each day before.
create table satang.folds (through timestamptz primary key);
create table satang.checkpoints (
  bucket satang.bucket not null,
  merchant_id uuid not null,
  account text not null,
  currency satang.currency not null,
  through timestamptz not null, -- entries before this, and none at it
  amount bigint not null, -- debit is positive
  primary key (bucket, merchant_id, account, currency, through)
);
create index ledger_entries_in_time on satang.ledger_entries (created_at, merchant_id);
create index events_in_time on satang.events using brin (created_at) with (pages_per_range = 32, autosummarize = on);

-- A merchant's refunds, newest first, among all that was ever done for him. No statement that goes by key names a kind, so none takes it.
create index operations_refunds on satang.operations (bucket, merchant_id, id) where kind = 'refund';

-- What the check found, until it is right again. Any row is an alarm.
create table satang.book_faults (
  bucket satang.bucket not null,
  merchant_id uuid not null,
  operation_id uuid not null,
  fault text not null,
  off_by bigint not null check (off_by > 0), -- minor units
  found_at timestamptz not null default now(),
  primary key (bucket, merchant_id, operation_id, fault)
);

grant select on satang.books, satang.folds, satang.checkpoints to satang_reader;
grant select on satang.payments, satang.events, satang.merchants to satang_dispatcher;
grant select, update on satang.books to satang_dispatcher;
grant select, insert, delete on satang.folds, satang.checkpoints, satang.book_faults to satang_dispatcher;
grant update on satang.book_faults to satang_dispatcher;
grant execute on all functions in schema satang to satang_reader, satang_api, satang_worker, satang_dispatcher;

call satang.keep_merchants_apart();
