import type { Currency } from "../payment/money.ts";
import { balances } from "./balance.ts";
import type { ReadTransaction } from "./read-transaction.ts";
import type { Asked } from "./report.ts";

/** What a provider owed at the begin of a stretch of time, what changed it, and what it owed at the end; in minor units. */
export type SettlementRow = Moved & { readonly opening: number; readonly closing: number };

type Moved = {
  readonly start: Date;
  readonly local_start: string;
  readonly provider: string;
  readonly currency: Currency;
  readonly charged: number;
  readonly fees: number;
  readonly refunded: number;
  /** Paid out, disputed, and all else; negative lessens what the provider owes. */
  readonly other: number;
};

/** The statement to hold against the provider's own: opening + charged − fees − refunded + other = closing, row after row. */
export async function settlement(tx: ReadTransaction, { tenant, period, granularity, timeZone, limit }: Asked): Promise<SettlementRow[]> {
  const values = [tenant.bucket, tenant.merchantId, period.from, period.before, granularity, timeZone, limit];
  const moved = await tx.query<Moved>(text, values);
  const owed = new Map(
    (await balances(tx, tenant, period.from)).map(({ account, currency, amount }) => [`${account} ${currency}`, amount]),
  );
  return moved.map(({ start, local_start, provider, currency, ...changes }) => {
    const account = `provider.receivable:${provider} ${currency}`;
    const opening = owed.get(account) ?? 0;
    const closing = opening + changes.charged - changes.fees - changes.refunded + changes.other;
    owed.set(account, closing);
    return { start, local_start, provider, currency, opening, ...changes, closing };
  });
}

// `offset 0`: as in report-volume.ts.
const text = `
with moved as (
  select date_trunc($5::text, e.created_at, $6::text) as start, substr(e.account, length('provider.receivable:') + 1) as provider, e.currency, e.amount, o.kind
  from satang.ledger_entries e
  left join lateral (
    select o.kind from satang.operations o where o.bucket = e.bucket and o.merchant_id = e.merchant_id and o.id = e.operation_id offset 0
  ) as o on true
  where e.bucket = $1 and e.merchant_id = $2 and e.created_at >= $3 and e.created_at < $4 and e.account like 'provider.receivable:%'
)
select start, to_char(start at time zone $6::text, 'YYYY-MM-DD"T"HH24:MI') as local_start, provider, currency,
  coalesce(sum(amount) filter (where kind in ('charge', 'capture') and amount > 0), 0)::bigint as charged,
  coalesce(-sum(amount) filter (where kind in ('charge', 'capture') and amount < 0), 0)::bigint as fees,
  coalesce(-sum(amount) filter (where kind = 'refund'), 0)::bigint as refunded,
  coalesce(sum(amount) filter (where (kind in ('charge', 'capture', 'refund')) is not true), 0)::bigint as other
from moved group by start, provider, currency order by start, provider, currency limit $7`;
