-- How the dispatcher goes round the merchants while a queue is long. `operations_due` stays for the usual look, the oldest first.
-- By the bytes of the merchant's id, which sort as the id does: by the id itself, the planner of a young table would take this index
-- for the primary key in statements that go by key.
create index operations_in_turn on satang.operations (queue, uuid_send(merchant_id), due_at) where is_open;

-- How fast queues drain, for the gate that refuses what would wait too long. A row for each worker process, a row for each queue.
create table satang.queue_progress (
  queue text not null,
  worker text not null check (length(worker) <= 200),
  done bigint not null,
  seen_at timestamptz not null default now(),
  primary key (queue, worker)
) with (fillfactor = 50);
create table satang.queue_states (
  queue text primary key,
  depth bigint not null,
  oldest_seconds float8 not null,
  drained_per_second float8 not null,
  counted_at timestamptz not null default now()
) with (fillfactor = 50);
grant select, insert, update on satang.queue_progress to satang_worker;
grant select, delete on satang.queue_progress to satang_dispatcher;
grant select, insert, update on satang.queue_states to satang_dispatcher;
grant select on satang.queue_states to satang_api;
