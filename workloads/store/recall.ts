import { type PaymentRow, paymentColumns } from "./payment-row.ts";
import type { Tenant } from "./store.ts";

export type KeyOf = Tenant & { readonly key: string };

/** What a key made, and the payment as it is now. By primary keys alone; a key that is not there has no row in the answer. */
export const recall = {
  name: "recall",
  text: `
select i.n, k.request_hash, k.request_id, k.operation_id, ${paymentColumns}
from unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[]) with ordinality as i(bucket, merchant_id, mode, key, n)
join satang.idempotency_keys k on k.bucket = i.bucket and k.merchant_id = i.merchant_id and k.mode = i.mode and k.key = i.key
join satang.payments p on p.bucket = k.bucket and p.merchant_id = k.merchant_id and p.id = k.payment_id`,
};

export type RecallRow = PaymentRow & { n: number; request_hash: Buffer; request_id: string; operation_id: string | null };

export function recallValues(keys: readonly KeyOf[]): unknown[] {
  return [keys.map((k) => k.bucket), keys.map((k) => k.merchantId), keys.map((k) => k.mode), keys.map((k) => k.key)];
}
