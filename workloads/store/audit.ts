import type { Named } from "../payment/id.ts";
import { newUuid } from "../payment/id.ts";
import type { AuditEntry, AuditRecord, By } from "./access.ts";

/** SQL that gives a column of an audit entry: a parameter with its type (`$3::uuid`) or a column of `from`. */
type Auditing = {
  readonly action: string;
  readonly targetType: Named;
  readonly targetId: string;
  /** Parameters that `auditValues` fills, the first of three. */
  readonly firstParameter: number;
  /** SQL of a jsonb. */
  readonly details?: string;
};

/**
 * An insert that records, in the same commit, that every row of `from` (which has `bucket` and `merchant_id`) was changed:
 * `with changed as (update … returning *), audited as (${auditing("changed", …)}) select … from changed`.
 */
export function auditing(from: string, { action, targetType, targetId, firstParameter: n, details = "'{}'::jsonb" }: Auditing): string {
  return `insert into satang.audit_log (bucket, merchant_id, id, actor_key_id, action, target_type, target_id, request_id, details)
  select bucket, merchant_id, $${n}::uuid, $${n + 1}::uuid, '${action}', '${targetType}', ${targetId}, $${n + 2}::text, ${details} from ${from}`;
}

/** The three parameters of `auditing`. */
export const auditValues = ({ keyId, requestId }: By): [id: string, actorKeyId: string | null, requestId: string] => [
  newUuid(),
  keyId,
  requestId,
];

export const recordChange = {
  name: "record_change",
  text: `
insert into satang.audit_log (bucket, merchant_id, id, actor_key_id, action, target_type, target_id, request_id, details)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
};

export function recordChangeValues({ bucket, merchantId, keyId, action, target, requestId, details = {} }: AuditEntry): unknown[] {
  return [bucket, merchantId, newUuid(), keyId, action, target.type, target.id, requestId, JSON.stringify(details)];
}

const columns = "bucket, merchant_id, id, actor_key_id, action, target_type, target_id, request_id, details, created_at";
export const auditLog = {
  name: "audit_log",
  text: `select ${columns} from satang.audit_log where id < $1 order by id desc limit $2`,
};
export const auditLogOfMerchant = {
  name: "audit_log_of_merchant",
  text: `select ${columns} from satang.audit_log where bucket = $3 and merchant_id = $4 and id < $1 order by id desc limit $2`,
};

export type AuditRow = {
  bucket: number;
  merchant_id: string;
  id: string;
  actor_key_id: string | null;
  action: string;
  target_type: Named;
  target_id: string;
  request_id: string;
  details: Record<string, unknown>;
  created_at: Date;
};

export const auditRecordOf = (row: AuditRow): AuditRecord => ({
  bucket: row.bucket,
  merchantId: row.merchant_id,
  id: row.id,
  keyId: row.actor_key_id,
  action: row.action,
  target: { type: row.target_type, id: row.target_id },
  requestId: row.request_id,
  details: row.details,
  createdAt: row.created_at,
});
