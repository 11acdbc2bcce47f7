import type { Currency } from "../payment/money.ts";
import type { ReadTransaction } from "./read-transaction.ts";
import type { Asked } from "./report.ts";

/** What was charged and given back in a stretch of time, in minor units. `net` is what is left of it for the merchant. */
export type VolumeRow = {
  readonly start: Date;
  readonly local_start: string;
  readonly currency: Currency;
  readonly charges: number;
  readonly charged: number;
  readonly fees: number;
  readonly refunds: number;
  readonly refunded: number;
  readonly net: number;
};

/** From the books alone, by when it was posted: a refund counts where it was made, and the day of its payment stays as it was. */
export function volume(tx: ReadTransaction, { tenant, period, granularity, timeZone, limit }: Asked): Promise<VolumeRow[]> {
  const values = [tenant.bucket, tenant.merchantId, period.from, period.before, granularity, timeZone, limit];
  return tx.query<VolumeRow>(text, values);
}

// By `offset 0` each operation is looked up by its whole key. Joined, it would be by the merchant alone as long as statistics are young.
const text = `
with posted as (
  select date_trunc($5::text, e.created_at, $6::text) as start, e.currency, e.operation_id, e.account, e.amount, o.kind in ('charge', 'capture') as charge, o.kind = 'refund' as refund
  from satang.ledger_entries e
  cross join lateral (
    select o.kind from satang.operations o where o.bucket = e.bucket and o.merchant_id = e.merchant_id and o.id = e.operation_id offset 0
  ) as o
  where e.bucket = $1 and e.merchant_id = $2 and e.created_at >= $3 and e.created_at < $4
), summed as (
  select start, currency,
    count(distinct operation_id) filter (where charge) as charges,
    coalesce(-sum(amount) filter (where charge and account = 'merchant.pending' and amount < 0), 0) as charged,
    coalesce(sum(amount) filter (where charge and account = 'merchant.pending' and amount > 0), 0) as fees,
    count(distinct operation_id) filter (where refund and account like 'provider.receivable:%') as refunds,
    coalesce(-sum(amount) filter (where refund and account like 'provider.receivable:%'), 0) as refunded
  from posted group by start, currency
)
select start, to_char(start at time zone $6::text, 'YYYY-MM-DD"T"HH24:MI') as local_start, currency,
  charges, charged::bigint, fees::bigint, refunds, refunded::bigint, (charged - fees - refunded)::bigint as net
from summed where charges + refunds > 0 order by start, currency limit $7`;
