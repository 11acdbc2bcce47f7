-- An index that begins as the primary key does was taken for it by the planner of a young table, with fewer columns. This one begins otherwise.
alter table satang.webhook_endpoints drop constraint webhook_endpoints_bucket_merchant_id_mode_slot_key;
create unique index webhook_endpoints_slots on satang.webhook_endpoints (slot, merchant_id, bucket, mode);
