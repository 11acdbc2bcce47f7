import { idAt, skewMs } from "./page.ts";
import type { ReadTransaction } from "./read-transaction.ts";
import type { Asked } from "./report.ts";

/** How charges and authorizations ended in a stretch of time. What had not ended is in no row: it will be in the one where it ends. */
export type SuccessRow = {
  readonly start: Date;
  readonly local_start: string;
  readonly provider: string;
  readonly succeeded: number;
  readonly declined: number;
  /** Of all that ended, in basis points: 9 950 is 99.5 %. */
  readonly success_basis_points: number;
  /** From accepted to ended. */
  readonly p50_ms: number;
  readonly p95_ms: number;
  /** How many, by code of the decline. */
  readonly declines: Readonly<Record<string, number>>;
};

/** From the events, which never change, by when they were written. */
export function successRate(tx: ReadTransaction, { tenant, period, granularity, timeZone, limit }: Asked): Promise<SuccessRow[]> {
  const ids = [idAt(period.from.getTime() - skewMs), idAt(period.before.getTime() + skewMs)];
  const values = [tenant.bucket, tenant.merchantId, period.from, period.before, granularity, timeZone, limit, ...ids, tenant.mode];
  return tx.query<SuccessRow>(text, values);
}

// `offset 0`: as in report-volume.ts.
const text = `
with ended as (
  select date_trunc($5::text, e.created_at, $6::text) as start, o.provider, e.type <> 'payment.failed' as good,
    coalesce(e.data ->> 'failure_code', 'none') as code, extract(epoch from e.created_at - o.created_at) * 1000 as ms
  from satang.events e
  cross join lateral (
    select o.provider, o.kind, o.created_at from satang.operations o where o.bucket = e.bucket and o.merchant_id = e.merchant_id and o.id = e.operation_id offset 0
  ) as o
  where e.bucket = $1 and e.merchant_id = $2 and e.id >= $8 and e.id < $9 and e.created_at >= $3 and e.created_at < $4 and e.mode = $10
    and e.type in ('payment.succeeded', 'payment.requires_capture', 'payment.failed') and o.kind in ('charge', 'authorize')
), counted as (
  select start, provider, count(*) filter (where good) as succeeded, count(*) filter (where not good) as declined,
    percentile_disc(0.5) within group (order by ms) as p50, percentile_disc(0.95) within group (order by ms) as p95
  from ended group by start, provider
), by_code as (
  select start, provider, jsonb_object_agg(code, n) as declines
  from (select start, provider, code, count(*) as n from ended where not good group by start, provider, code) as codes group by start, provider
)
select start, to_char(start at time zone $6::text, 'YYYY-MM-DD"T"HH24:MI') as local_start, provider, succeeded, declined,
  (10000 * succeeded / (succeeded + declined))::int as success_basis_points, round(p50)::int as p50_ms, round(p95)::int as p95_ms,
  coalesce(declines, '{}') as declines
from counted left join by_code using (start, provider) order by start, provider limit $7`;
