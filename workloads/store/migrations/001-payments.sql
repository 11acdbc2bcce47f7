-- Everything of one merchant lies under (bucket, merchant_id): one database, several shards by bucket, Citus by that column, and a later
-- move of a bucket by a row-filtered publication all see the same schema. No foreign key and no transaction crosses merchants.
create schema satang;

-- As `bucketOf` in payment/id.ts: the first 12 bits of SHA-256 over the id's 16 bytes.
create function satang.bucket_of(merchant_id uuid) returns smallint language sql immutable parallel safe as $$
  select ((get_byte(digest, 0) << 4) | (get_byte(digest, 1) >> 4))::smallint from sha256(uuid_send(merchant_id)) as digest
$$;

create domain satang.bucket as smallint check (value between 0 and 4095);
create domain satang.mode as text check (value in ('test', 'live'));
create domain satang.currency as text check (value ~ '^[A-Z]{3}$');

create table satang.merchants (
  bucket satang.bucket not null check (bucket = satang.bucket_of(id)),
  id uuid not null,
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now(),
  primary key (bucket, id)
);

create table satang.api_keys (
  key_hash bytea primary key check (length(key_hash) = 32), -- SHA-256: the key has 128 random bits or more, so a slow hash would add nothing
  bucket satang.bucket not null,
  merchant_id uuid not null,
  mode satang.mode not null,
  hint text not null, -- how the key begins, for people
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz
);

create table satang.payments (
  bucket satang.bucket not null,
  merchant_id uuid not null,
  id uuid not null,
  mode satang.mode not null,
  status text not null check (status in ('processing', 'requires_action', 'requires_capture', 'succeeded', 'failed', 'canceled', 'expired')),
  outcome text check (outcome = 'unknown'),
  amount bigint not null check (amount > 0 and amount <= 1000000000000),
  currency satang.currency not null,
  captured bigint not null default 0 check (captured >= 0 and captured <= amount),
  refunded bigint not null default 0 check (refunded >= 0 and refunded <= captured),
  capture text not null check (capture in ('automatic', 'manual')),
  method_type text not null check (method_type = 'card'),
  provider text not null,
  provider_reference text, -- of the charge or authorization: what a capture, void or refund builds on
  reference text,
  metadata jsonb not null default '{}',
  failure_code text,
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (bucket, merchant_id, id)
) with (fillfactor = 50); -- no index on status or times, and room for the second version of all: an update stays on its page (HOT)

create table satang.idempotency_keys (
  bucket satang.bucket not null,
  merchant_id uuid not null,
  mode satang.mode not null,
  key text not null check (length(key) between 1 and 255),
  request_hash bytea not null check (length(request_hash) = 32),
  payment_id uuid not null,
  request_id text not null,
  created_at timestamptz not null default now(),
  primary key (bucket, merchant_id, mode, key)
);

-- The outbox, the timer, the sweeper and the queue's depth in one. `is_open` rather than `state` is what the index asks: taking an
-- operation then changes no indexed column, and the update stays HOT.
create table satang.operations (
  bucket satang.bucket not null,
  merchant_id uuid not null,
  id uuid not null,
  payment_id uuid not null,
  kind text not null check (kind in ('charge', 'authorize', 'capture', 'void', 'refund', 'expire', 'deliver')),
  queue text not null check (queue in ('payments', 'refunds', 'webhooks')),
  state text not null check (state in ('queued', 'sent', 'unknown', 'succeeded', 'declined', 'needs_review')),
  is_open boolean generated always as (state in ('queued', 'sent', 'unknown')) stored,
  amount bigint not null check (amount > 0),
  currency satang.currency not null,
  provider text not null,
  method_token text, -- what a charge or authorization is made with
  parent_reference text, -- the provider's name of what a capture, void or refund builds on
  attempt int not null default 0, -- the fence: only the holder of the newest may write
  unknowns int not null default 0,
  lease_until timestamptz,
  due_at timestamptz not null,
  first_sent_at timestamptz,
  provider_reference text,
  decline_code text,
  last_error text check (length(last_error) <= 500),
  created_at timestamptz not null default now(),
  settled_at timestamptz,
  primary key (bucket, merchant_id, id)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create index operations_due on satang.operations (queue, due_at) where is_open;
-- Begins with the payment: an index that began as the primary key does would be taken for it by the planner of a young table.
create index operations_of_payment on satang.operations (payment_id, merchant_id, bucket);

create table satang.ledger_entries (
  bucket satang.bucket not null,
  merchant_id uuid not null,
  operation_id uuid not null,
  line smallint not null,
  account text not null check (length(account) between 1 and 100),
  currency satang.currency not null,
  amount bigint not null check (amount <> 0), -- debit is positive
  created_at timestamptz not null default now(),
  primary key (bucket, merchant_id, operation_id, line) -- one journal an operation: a second cannot be posted
);

create table satang.events (
  bucket satang.bucket not null,
  merchant_id uuid not null,
  id uuid not null,
  mode satang.mode not null,
  type text not null,
  payment_id uuid not null,
  operation_id uuid not null,
  data jsonb not null,
  created_at timestamptz not null default now(),
  primary key (bucket, merchant_id, id)
);

-- Every move that a payment can make, as `edges` in payment/payment.ts (a test holds the two against each other).
create table satang.payment_edges (from_status text not null, to_status text not null, primary key (from_status, to_status));
insert into satang.payment_edges values
  ('processing', 'requires_action'), ('processing', 'requires_capture'), ('processing', 'succeeded'), ('processing', 'failed'),
  ('requires_action', 'processing'), ('requires_action', 'succeeded'), ('requires_action', 'expired'), ('requires_action', 'canceled'),
  ('requires_capture', 'succeeded'), ('requires_capture', 'canceled'), ('requires_capture', 'expired'),
  ('expired', 'succeeded');

create function satang.refuse_bad_edge() returns trigger language plpgsql as $$
begin
  perform from satang.payment_edges where from_status = old.status and to_status = new.status;
  if not found then
    raise exception 'payment % cannot go from % to %', old.id, old.status, new.status using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger edges before update of status on satang.payments
  for each row when (old.status is distinct from new.status) execute function satang.refuse_bad_edge();

-- The books: each journal sums to zero in each currency, and what is written stays as it is.
create function satang.refuse_unbalanced() returns trigger language plpgsql as $$
declare bad record;
begin
  select operation_id, currency, sum(amount) as off_by into bad
    from new_rows group by bucket, merchant_id, operation_id, currency having sum(amount) <> 0 limit 1;
  if found then
    raise exception 'the journal of operation % is off by % %', bad.operation_id, bad.off_by, bad.currency using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger balanced after insert on satang.ledger_entries referencing new table as new_rows
  for each statement execute function satang.refuse_unbalanced();

create function satang.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: correct it by a new entry', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger append_only before update or delete or truncate on satang.ledger_entries for each statement execute function satang.refuse_change();
create trigger append_only before update or delete or truncate on satang.events for each statement execute function satang.refuse_change();

-- Least privilege: what each process may do. Login users are members of one of these; they belong to whoever owns the credentials.
do $$
declare name text;
begin
  foreach name in array array['satang_api', 'satang_worker', 'satang_dispatcher', 'satang_reader'] loop
    begin
      execute format('create role %I nologin', name);
    exception when duplicate_object or unique_violation then null; -- roles are shared by all databases of a server
    end;
  end loop;
end $$;
grant usage on schema satang to satang_api, satang_worker, satang_dispatcher, satang_reader;
grant execute on all functions in schema satang to satang_api, satang_worker, satang_dispatcher, satang_reader;
grant select on satang.merchants, satang.payment_edges, satang.payments, satang.idempotency_keys, satang.operations, satang.ledger_entries, satang.events to satang_reader;

grant select on satang.merchants, satang.api_keys to satang_api;
grant select, insert on satang.payments, satang.idempotency_keys, satang.operations to satang_api;
grant select on satang.ledger_entries, satang.events to satang_api;

grant select, update on satang.payments, satang.operations to satang_worker;
grant select on satang.payment_edges, satang.merchants to satang_worker;
grant select, insert on satang.ledger_entries, satang.events to satang_worker;

grant select, update on satang.operations to satang_dispatcher;
grant select on satang.ledger_entries to satang_dispatcher;
