-- What merchants ask of a payment that was made: captures, cancellations, refunds. The payment's own row holds what of it is under way, so
-- that its lock decides between those who come at once.
alter table satang.payments
  add column refunding bigint not null default 0 check (refunding >= 0), -- asked for, and neither done nor refused yet
  add column pending text check (pending in ('capture', 'void', 'expire')), -- the one operation that is about to change where it stands
  add check (refunded + refunding <= captured);

alter table satang.operations
  add column reason text check (length(reason) <= 100),
  add column reference text check (length(reference) <= 255),
  add column metadata jsonb;

-- Null: the key made the payment itself.
alter table satang.idempotency_keys add column operation_id uuid;

grant update (refunding, pending, version, updated_at) on satang.payments to satang_api;
grant insert on satang.ledger_entries to satang_api;
