export const idempotencyKey = {
  name: "idempotency_key",
  text: `select payment_id, operation_id, request_id, created_at from satang.idempotency_keys where bucket = $1 and merchant_id = $2 and mode = $3 and key = $4`,
};
export type KeyRow = { payment_id: string; operation_id: string | null; request_id: string; created_at: Date };
