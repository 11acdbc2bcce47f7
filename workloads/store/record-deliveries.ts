import { refColumns } from "./claim.ts";
import type { ClaimedDelivery, Told } from "./webhooks.ts";

export type Recording = { readonly claimed: ClaimedDelivery; readonly told: Told };

/**
 * Writes what came of deliveries, with the log and with what it says of their endpoints, fenced by `attempt`. An endpoint that is well costs
 * no write. One that failed at every try for three days, none of them a day without a try, is disabled; so is one that is gone.
 */
export const recordDeliveries = {
  name: "record_deliveries",
  text: `
with done as (
  update satang.operations o
  set state = i.state,
      lease_until = null,
      due_at = now() + i.delay_seconds * interval '1 second',
      tries = o.tries + case when i.duration_ms is null then 0 else 1 end,
      last_error = i.reason,
      settled_at = case when i.state <> 'queued' then now() end
  from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::float8[], $7::text[], $8::smallint[], $9::text[], $10::text[], $11::int[],
      $12::text[], $13::uuid[], $14::text[], $15::float8[])
    as i(bucket, merchant_id, id, attempt, state, delay_seconds, reason, status_code, error, answer, duration_ms, mode, endpoint_id, endpoint_is, wait_seconds)
  where o.bucket = i.bucket and o.merchant_id = i.merchant_id and o.id = i.id and o.attempt = i.attempt and o.is_open is not false
  returning i.*
), logged as (
  insert into satang.webhook_attempts (bucket, merchant_id, operation_id, attempt, status_code, error, answer, duration_ms)
  select bucket, merchant_id, id, attempt, status_code, error, answer, duration_ms from done where duration_ms is not null
), heard as (
  select bucket, merchant_id, mode, endpoint_id, bool_or(endpoint_is = 'well') as is_well, bool_or(endpoint_is = 'gone') as is_gone,
    (count(*) filter (where endpoint_is = 'failing'))::int as failed, max(wait_seconds) as wait_seconds
  from done where endpoint_is <> 'as before' group by bucket, merchant_id, mode, endpoint_id
), judged as (
  select h.*, w.failures + h.failed as failures,
    case when w.failed_at > now() - interval '30 hours' then coalesce(w.failing_since, now()) else now() end as failing_since
  from heard h join satang.webhook_endpoints w on w.bucket = h.bucket and w.merchant_id = h.merchant_id and w.mode = h.mode and w.id = h.endpoint_id
  where w.disabled_at is null and (not h.is_well or h.is_gone or w.failures > 0)
  order by w.bucket, w.merchant_id, w.mode, w.id for update of w
), noted as (
  update satang.webhook_endpoints w
  set failures = case when j.is_well then 0 else j.failures end,
      failing_since = case when not j.is_well then j.failing_since end,
      failed_at = case when j.failed > 0 then now() else w.failed_at end,
      -- after five in a row 5 s, and twice as long after each further one, up to 15 minutes
      paused_until = case when not j.is_well then greatest(w.paused_until, now() + interval '1 second' * greatest(
        j.wait_seconds, case when j.failures >= 5 then least(900, 5 * 2 ^ least(j.failures - 5, 10)) * (1 + random() / 5) else 0 end)) end,
      disabled_at = case when j.is_gone or not j.is_well and j.failing_since < now() - interval '3 days' then now() end,
      disabled_reason = case when j.is_gone then 'gone' when not j.is_well and j.failing_since < now() - interval '3 days' then 'failing' end,
      updated_at = now()
  from judged j
  where w.bucket = j.bucket and w.merchant_id = j.merchant_id and w.mode = j.mode and w.id = j.endpoint_id
)
select id from done`,
};

export function recordValues(rows: readonly Recording[]): unknown[] {
  const told = rows.map((row) => row.told);
  return [
    ...refColumns(rows.map((row) => row.claimed)),
    rows.map((row) => row.claimed.attempt),
    told.map((t) => t.state),
    told.map((t) => t.delaySeconds),
    told.map((t) => cut(t.reason)),
    told.map((t) => t.attempt?.statusCode ?? null),
    told.map((t) => cut(t.attempt?.error)),
    told.map((t) => cut(t.attempt?.answer)),
    told.map((t) => t.attempt?.durationMs ?? null),
    rows.map((row) => row.claimed.event.mode),
    rows.map((row) => row.claimed.endpoint?.id ?? null),
    told.map((t) => t.endpoint.is),
    told.map((t) => (t.endpoint.is === "failing" ? t.endpoint.waitSeconds : 0)),
  ];
}

const cut = (text: string | null | undefined): string | null => text?.slice(0, 500).replaceAll("\0", "").toWellFormed() ?? null;
