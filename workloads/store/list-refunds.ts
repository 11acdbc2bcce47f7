import type { FollowUp } from "../payment/follow-up.ts";
import type { OperationState } from "../payment/operation.ts";
import type { Mode } from "../payment/payment.ts";
import { type FollowUpRow, followUpColumns, followUpOf } from "./follow-up-row.ts";
import { type Page, type Place, pageOf } from "./page.ts";
import type { ReadTransaction } from "./read-transaction.ts";
import type { Tenant } from "./tenant.ts";

/** An operation that gives money back, with what its payment knows of it. */
export type Refund = FollowUp & { readonly mode: Mode };

export type RefundFilter = { readonly states: readonly OperationState[] | undefined; readonly paymentId: string | undefined };

/** A merchant's refunds in one mode, newest first. */
export function listRefunds(tx: ReadTransaction, tenant: Tenant, filter: RefundFilter, place: Place): Promise<Page<Refund>> {
  const statement = {
    inner: "select * from satang.operations where kind = 'refund'",
    around: (inner: string) => `
select ${followUpColumns}, p.mode
from ${inner} as o
cross join lateral (
  select p.mode from satang.payments p where p.bucket = o.bucket and p.merchant_id = o.merchant_id and p.id = o.payment_id offset 0
) as p
where p.mode = $5 and ($6::text[] is null or state = any($6)) and ($7::uuid is null or payment_id = $7)
  and ($8::timestamptz is null or created_at >= $8) and ($9::timestamptz is null or created_at < $9)`,
    filters: [tenant.mode, filter.states, filter.paymentId, place.createdFrom, place.createdBefore],
  };
  return pageOf<FollowUpRow & { mode: Mode }, Refund>(tx, statement, {
    tenant,
    place,
    itemOf: (row) => ({ ...followUpOf(row), mode: row.mode }),
  });
}
