import type { FollowUp, FollowUpKind } from "../payment/follow-up.ts";
import type { Currency } from "../payment/money.ts";
import type { OperationState } from "../payment/operation.ts";
import type { DeclineCode } from "../payment/payment.ts";

/** The columns of `satang.operations o` that make a `FollowUp`. */
export const followUpColumns = `o.bucket, o.merchant_id, o.id, o.payment_id, o.kind, o.state, o.amount, o.currency, o.reason, o.reference, o.metadata,
  o.decline_code, o.created_at, o.settled_at`;

export type FollowUpRow = {
  bucket: number;
  merchant_id: string;
  id: string;
  payment_id: string;
  kind: FollowUpKind;
  state: OperationState;
  amount: number;
  currency: Currency;
  reason: string | null;
  reference: string | null;
  metadata: Record<string, string> | null;
  decline_code: DeclineCode | null;
  created_at: Date;
  settled_at: Date | null;
};

export function followUpOf(row: FollowUpRow): FollowUp {
  const { bucket, id, kind, state, amount, currency, reason, reference } = row;
  return {
    ...{ bucket, id, kind, state, amount, currency, reason, reference },
    paymentId: row.payment_id,
    metadata: row.metadata ?? {},
    declineCode: row.decline_code,
    createdAt: row.created_at,
    settledAt: row.settled_at,
  };
}

/** Captures, cancellations and refunds by primary key, of one mode, in no order. */
export const followUpsById = {
  name: "follow_ups_by_id",
  text: `
select o.* from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[]) as i(bucket, merchant_id, id, mode)
cross join lateral (
  select ${followUpColumns} from satang.operations o where o.bucket = i.bucket and o.merchant_id = i.merchant_id and o.id = i.id offset 0
) as o
cross join lateral (
  select p.mode from satang.payments p where p.bucket = i.bucket and p.merchant_id = i.merchant_id and p.id = o.payment_id offset 0
) as p
where p.mode = i.mode and o.kind in ('capture', 'void', 'refund')`,
};
