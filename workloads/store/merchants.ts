import type { Merchant } from "./access.ts";
import { auditing } from "./audit.ts";

const columns = "bucket, id, name, disabled_at, created_at";

export const createMerchant = {
  name: "create_merchant",
  text: `
with made as (
  insert into satang.merchants (bucket, id, name) values ($4, $5, $6) returning *, id as merchant_id
), audited as (
  ${auditing("made", { action: "merchant.created", targetType: "merchant", targetId: "id", firstParameter: 1, details: "jsonb_build_object('name', name)" })}
)
select ${columns} from made`,
};

/** What is null stays as it is. A merchant who was disabled before keeps the time. */
export const changeMerchant = {
  name: "change_merchant",
  text: `
with changed as (
  update satang.merchants set
    name = coalesce($6, name),
    disabled_at = case $7::boolean when true then coalesce(disabled_at, now()) when false then null else disabled_at end
  where bucket = $4 and id = $5
  returning *, id as merchant_id
), audited as (
  ${auditing("changed", { action: "merchant.changed", targetType: "merchant", targetId: "id", firstParameter: 1, details: "jsonb_strip_nulls(jsonb_build_object('name', $6::text, 'disabled', $7::boolean))" })}
)
select ${columns} from changed`,
};

export const merchant = { name: "merchant", text: `select ${columns} from satang.merchants where bucket = $1 and id = $2` };
export const merchants = { name: "merchants", text: `select ${columns} from satang.merchants where id < $1 order by id desc limit $2` };

export type MerchantRow = { bucket: number; id: string; name: string; disabled_at: Date | null; created_at: Date };

export const merchantOf = (row: MerchantRow): Merchant => ({
  bucket: row.bucket,
  id: row.id,
  name: row.name,
  disabledAt: row.disabled_at,
  createdAt: row.created_at,
});
