-- What the plain build keeps: the same facts as ours, in the tables that one would make first.
create schema if not exists plain;
create table if not exists plain.payments (
  id uuid primary key, merchant_id uuid not null, status text not null, amount bigint not null, currency text not null,
  token text not null, provider_reference text, created_at timestamptz not null default now(), updated_at timestamptz not null default now()
);
create index if not exists payments_by_merchant on plain.payments (merchant_id, created_at desc);
create table if not exists plain.idempotency_keys (
  merchant_id uuid not null, key text not null, request_hash bytea not null, payment_id uuid not null references plain.payments deferrable initially deferred,
  created_at timestamptz not null default now(), primary key (merchant_id, key)
);
create table if not exists plain.ledger_entries (
  id bigint generated always as identity primary key, payment_id uuid not null references plain.payments, account text not null,
  currency text not null, amount bigint not null, created_at timestamptz not null default now()
);
create index if not exists entries_by_payment on plain.ledger_entries (payment_id);
create table if not exists plain.events (
  id bigint generated always as identity primary key, payment_id uuid not null references plain.payments, type text not null,
  created_at timestamptz not null default now()
);
create index if not exists events_by_payment on plain.events (payment_id);
truncate plain.payments, plain.idempotency_keys, plain.ledger_entries, plain.events;
