-- How merchants are told: where to, and what came of it. A delivery is an operation of kind `deliver`, made in the commit of its event.

-- An id that is always the same for the same two things, and lies in time where the first of them does: its first 60 bits are those of a
-- UUIDv7, the others a hash. So an event has one delivery to an endpoint, whoever makes it and however often.
create function satang.derived_id(base uuid, what text) returns uuid language sql immutable parallel safe as $$
  select (left(base::text, 19) || '8' || left(hash, 3) || '-' || substr(hash, 4, 12))::uuid from md5(base::text || what) as hash
$$;

create table satang.webhook_endpoints (
  bucket satang.bucket not null,
  merchant_id uuid not null,
  mode satang.mode not null,
  id uuid not null,
  slot smallint not null check (slot between 0 and 15), -- a merchant has sixteen in each mode, also when they are made at once
  url text not null check (length(url) between 1 and 2048),
  description text check (length(description) between 1 and 500),
  event_types text[] check (cardinality(event_types) between 1 and 100), -- null: all, also those that come with a later version
  event_version smallint not null default 1, -- what events look like that are sent there
  disabled_at timestamptz,
  disabled_reason text check (disabled_reason in ('asked', 'gone', 'failing')),
  failures int not null default 0, -- tries that failed since the last that did not
  failing_since timestamptz, -- the first of these, unless there was a day without a try
  failed_at timestamptz, -- the last
  paused_until timestamptz, -- nothing is sent before
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((disabled_at is null) = (disabled_reason is null)),
  primary key (bucket, merchant_id, mode, id),
  unique (bucket, merchant_id, mode, slot)
);

-- Apart from their endpoints, so that the API can make secrets and end them, and read none.
create table satang.webhook_secrets (
  bucket satang.bucket not null,
  merchant_id uuid not null,
  endpoint_id uuid not null,
  id uuid not null,
  secret bytea not null check (length(secret) between 24 and 64),
  created_at timestamptz not null default now(),
  expires_at timestamptz, -- null: the newest
  primary key (bucket, merchant_id, endpoint_id, id)
);

alter table satang.operations
  alter column amount drop not null,
  alter column currency drop not null,
  alter column provider drop not null,
  add column event_id uuid, -- what a delivery tells
  add column endpoint_id uuid, -- and to whom; it may be gone by now
  add column tries smallint not null default 0, -- how often that was tried; `attempt` also counts who took it and had to wait
  add check (case kind
    when 'deliver' then queue = 'webhooks' and num_nulls(event_id, endpoint_id) = 0 and num_nonnulls(amount, currency, provider) = 0
      and state in ('queued', 'sent', 'succeeded', 'declined') -- telling twice is allowed, so no outcome need be looked up
    else queue <> 'webhooks' and num_nonnulls(event_id, endpoint_id) = 0 and num_nulls(amount, currency, provider) = 0
  end);
create index operations_deliveries on satang.operations (bucket, merchant_id, endpoint_id, id) where kind = 'deliver';
create index operations_delivered on satang.operations (settled_at) where kind = 'deliver'; -- what is old enough to be forgotten

-- The log of deliveries. Kept as long as the delivery.
create table satang.webhook_attempts (
  bucket satang.bucket not null,
  merchant_id uuid not null,
  operation_id uuid not null,
  attempt int not null, -- of the operation
  status_code smallint, -- null: no answer
  error text check (length(error) <= 500),
  answer text check (length(answer) <= 500), -- how it began
  duration_ms int not null,
  created_at timestamptz not null default now(),
  primary key (bucket, merchant_id, operation_id, attempt)
);

-- Who may change what. No endpoint and no secret is ever read by id alone.
grant select, insert, update, delete on satang.webhook_endpoints to satang_api;
grant insert, delete, update (expires_at), select (bucket, merchant_id, endpoint_id, id, created_at, expires_at) on satang.webhook_secrets to satang_api;
grant select, update (disabled_at, disabled_reason, failures, failing_since, failed_at, paused_until, updated_at) on satang.webhook_endpoints to satang_worker;
grant select on satang.webhook_secrets to satang_worker;
grant insert on satang.operations to satang_worker;
grant insert on satang.webhook_attempts to satang_worker;
grant select on satang.webhook_endpoints, satang.webhook_attempts to satang_reader;
grant select, delete on satang.webhook_attempts to satang_dispatcher;
grant delete on satang.operations to satang_dispatcher;
grant execute on all functions in schema satang to satang_api, satang_worker, satang_dispatcher, satang_reader;

call satang.keep_merchants_apart();
-- What was told may be forgotten; what moved money, and what is not done, is nobody's to delete.
create policy only_told on satang.operations as restrictive for delete to satang_dispatcher using (kind = 'deliver' and not is_open);
