-- Who may ask, for what, until when, and who changed that.
alter table satang.merchants add column disabled_at timestamptz; -- his keys are refused from then on; what was accepted goes on
create index merchants_by_age on satang.merchants (id); -- ids are in the order of time

alter table satang.api_keys
  add column id uuid not null default gen_random_uuid(), -- keys that a seed made before this
  add column name text check (length(name) between 1 and 200),
  add column scopes text[] check (cardinality(scopes) between 1 and 50), -- null: everything that a merchant may
  add column last_used_at timestamptz, -- to the hour
  add column replaced_by uuid, -- the key that was made when this one was rolled
  drop constraint api_keys_pkey,
  add primary key (bucket, merchant_id, id),
  add unique (key_hash);
alter table satang.api_keys alter column id drop default;
create index api_keys_by_age on satang.api_keys (id);

-- Changes of merchants, keys and secrets, each in the commit of the change. A row a change by a person, so it is kept for ever.
create table satang.audit_log (
  bucket satang.bucket not null,
  merchant_id uuid not null, -- whose things were changed
  id uuid not null,
  actor_key_id uuid, -- null: the admin
  action text not null check (action ~ '^[a-z_]+\.[a-z_]+$'),
  target_type text not null, -- a name of payment/id.ts: with it, `target_id` has its public form
  target_id uuid not null,
  request_id text not null,
  details jsonb not null default '{}', -- what was set, never a secret
  created_at timestamptz not null default now(),
  primary key (bucket, merchant_id, id)
);
create index audit_log_by_age on satang.audit_log (id);
create trigger append_only before update or delete or truncate on satang.audit_log for each statement execute function satang.refuse_change();

grant insert, update (name, disabled_at) on satang.merchants to satang_api;
grant insert, update (expires_at, revoked_at, replaced_by, last_used_at) on satang.api_keys to satang_api;
grant select, insert on satang.audit_log to satang_api;

call satang.keep_merchants_apart();
