import type { Mode } from "../payment/payment.ts";

export const idempotencyKey = {
  name: "idempotency_key",
  text: `select payment_id, request_id, created_at from satang.idempotency_keys where bucket = $1 and merchant_id = $2 and mode = $3 and key = $4`,
};
export type KeyRow = { payment_id: string; request_id: string; created_at: Date };

/** Whose API key it is; revoked and expired ones are nobody's. */
export const tenantOf = {
  name: "tenant_of",
  text: `select bucket, merchant_id, mode from satang.api_keys where key_hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
};
export type TenantRow = { bucket: number; merchant_id: string; mode: Mode };
