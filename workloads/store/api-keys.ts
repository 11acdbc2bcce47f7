import type { Mode } from "../payment/payment.ts";
import type { ApiKeyRecord, FoundKey } from "./access.ts";
import { auditing } from "./audit.ts";

const columns = "bucket, merchant_id, id, mode, hint, name, scopes, created_at, expires_at, revoked_at, last_used_at, replaced_by";

/** Whose a key is. Found by its hash, so there is nothing to compare, and nothing that takes longer the more of a guess is right. */
export const keyByHash = {
  name: "key_by_hash",
  text: `
select k.bucket, k.merchant_id, k.id, k.mode, k.scopes, k.expires_at, k.revoked_at, k.last_used_at, m.disabled_at as merchant_disabled_at,
  coalesce((select b.shard from satang.bucket_shards b where b.bucket = k.bucket), 0) as shard
from satang.api_keys k join satang.merchants m on m.bucket = k.bucket and m.id = k.merchant_id
where k.key_hash = $1`,
};

/** The condition keeps many processes from writing one row at once, each of them once an hour. */
export const noteUse = {
  name: "note_use",
  text: `
update satang.api_keys set last_used_at = now()
where bucket = $1 and merchant_id = $2 and id = $3 and (last_used_at is null or last_used_at < now() - interval '1 hour')`,
};

/** No row: there is no such merchant. */
export const createKey = {
  name: "create_key",
  text: `
with made as (
  insert into satang.api_keys (bucket, merchant_id, id, key_hash, hint, mode, name, scopes, expires_at)
  select bucket, id, $6, $7, $8, $9, $10, $11, $12 from satang.merchants where bucket = $4 and id = $5
  returning *
), audited as (
  ${auditing("made", { action: "api_key.created", targetType: "apiKey", targetId: "id", firstParameter: 1, details: "jsonb_build_object('hint', hint, 'scopes', scopes, 'expires_at', expires_at)" })}
)
select ${columns} from made`,
};

/** The row is held while it is looked at, so of two who roll a key at once, one makes the new key and the other finds it rolled. */
export const rollKey = {
  name: "roll_key",
  text: `
with old as (
  select * from satang.api_keys
  where id = $5 and bucket = $4 and revoked_at is null and replaced_by is null and (expires_at is null or expires_at > now())
  for update
), ended as (
  update satang.api_keys k set replaced_by = $6, expires_at = least(k.expires_at, now() + $9::int * interval '1 hour')
  from old where k.bucket = old.bucket and k.merchant_id = old.merchant_id and k.id = old.id
), made as (
  insert into satang.api_keys (bucket, merchant_id, id, key_hash, hint, mode, name, scopes, expires_at)
  select bucket, merchant_id, $6, $7, $8, mode, name, scopes, now() + (expires_at - created_at) from old
  returning *
), audited as (
  ${auditing("made", { action: "api_key.rolled", targetType: "apiKey", targetId: "$5::uuid", firstParameter: 1, details: "jsonb_build_object('hint', hint, 'overlap_hours', $9::int)" })}
)
select ${columns} from made`,
};

/** No row: it was revoked before, or is not there. */
export const revokeKey = {
  name: "revoke_key",
  text: `
with revoked as (
  update satang.api_keys set revoked_at = now() where id = $5 and bucket = $4 and revoked_at is null returning *
), audited as (
  ${auditing("revoked", { action: "api_key.revoked", targetType: "apiKey", targetId: "id", firstParameter: 1, details: "jsonb_build_object('hint', hint)" })}
)
select ${columns} from revoked`,
};

export const key = { name: "key", text: `select ${columns} from satang.api_keys where id = $2 and bucket = $1` };
export const keys = { name: "keys", text: `select ${columns} from satang.api_keys where id < $1 order by id desc limit $2` };
export const keysOfMerchant = {
  name: "keys_of_merchant",
  text: `select ${columns} from satang.api_keys where bucket = $3 and merchant_id = $4 and id < $1 order by id desc limit $2`,
};

export type ApiKeyRow = {
  bucket: number;
  merchant_id: string;
  id: string;
  mode: Mode;
  hint: string;
  name: string | null;
  scopes: string[] | null;
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
  replaced_by: string | null;
};

export const apiKeyOf = (row: ApiKeyRow): ApiKeyRecord => ({
  bucket: row.bucket,
  merchantId: row.merchant_id,
  id: row.id,
  mode: row.mode,
  hint: row.hint,
  name: row.name,
  scopes: row.scopes,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  lastUsedAt: row.last_used_at,
  replacedBy: row.replaced_by,
});

export type FoundKeyRow = Pick<
  ApiKeyRow,
  "bucket" | "merchant_id" | "id" | "mode" | "scopes" | "expires_at" | "revoked_at" | "last_used_at"
> & {
  merchant_disabled_at: Date | null;
  shard: number;
};

export const foundKeyOf = (row: FoundKeyRow): FoundKey => ({
  bucket: row.bucket,
  merchantId: row.merchant_id,
  id: row.id,
  mode: row.mode,
  scopes: row.scopes,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  lastUsedAt: row.last_used_at,
  merchantDisabledAt: row.merchant_disabled_at,
  shard: row.shard,
});
