-- How the dispatcher goes round the merchants while a queue is long. `operations_due` stays for the usual look, the oldest first.
-- By the bytes of the merchant's id, which sort as the id does: by the id itself, the planner of a young table would take this index
-- for the primary key in statements that go by key.
create index operations_in_turn on satang.operations (queue, uuid_send(merchant_id), due_at) where is_open;
