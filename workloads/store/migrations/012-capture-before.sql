-- Until when the provider holds an authorized amount for the merchant.
alter table satang.payments add column capture_before timestamptz;
