import type { Mode } from "../payment/payment.ts";
import type { EventType } from "../payment/settlement.ts";
import type { ClaimedDelivery } from "./webhooks.ts";

/**
 * Takes deliveries for `$4` seconds, as `claim` takes other operations, with all that a delivery is made from. Nothing is ever unknown of
 * one: it may be sent again under the same id. What goes to an endpoint that is paused is not taken but due after the pause, within a
 * minute, so that what waits costs one look for each pause and does not come all at once.
 */
export const claimDeliveries = {
  name: "claim_deliveries",
  text: `
with free as (
  select o.bucket, o.merchant_id, o.id, e.mode, e.type, e.data, e.payment_id, e.operation_id, e.created_at, w.id as endpoint, w.url, w.event_version, w.failures,
    case when w.paused_until > now() then w.paused_until end as paused_until
  from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as i(bucket, merchant_id, id)
  join satang.operations o on o.bucket = i.bucket and o.merchant_id = i.merchant_id and o.id = i.id
  cross join lateral (
    select * from satang.events e where e.bucket = o.bucket and e.merchant_id = o.merchant_id and e.id = o.event_id
    offset 0 -- keeps it by the whole key: a planner that has seen no delivery yet would look at all events of the merchant
  ) as e
  left join satang.webhook_endpoints w
    on w.bucket = o.bucket and w.merchant_id = o.merchant_id and w.mode = e.mode and w.id = o.endpoint_id and w.disabled_at is null
  where o.is_open is not false and (o.lease_until is null or o.lease_until < now())
  for update of o skip locked
), taken as (
  update satang.operations o
  set state = case when f.paused_until is null then 'sent' else 'queued' end,
      attempt = o.attempt + 1,
      lease_until = case when f.paused_until is null then now() + $4::float8 * interval '1 second' end,
      due_at = case when f.paused_until is null then o.due_at else f.paused_until + random() * interval '1 minute' end,
      first_sent_at = case when f.paused_until is null then coalesce(o.first_sent_at, now()) else o.first_sent_at end
  from free f
  where o.bucket = f.bucket and o.merchant_id = f.merchant_id and o.id = f.id
  returning o.bucket, o.merchant_id, o.id, o.attempt, o.tries, o.event_id, o.created_at as queued_at,
    f.mode, f.type, f.data, f.payment_id, f.operation_id, f.created_at, f.endpoint, f.url, f.event_version, f.failures, f.paused_until
)
select taken.*, array(
  select s.secret from satang.webhook_secrets s
  where s.bucket = taken.bucket and s.merchant_id = taken.merchant_id and s.endpoint_id = taken.endpoint and (s.expires_at is null or s.expires_at > now())
  order by s.created_at desc limit 2
) as secrets
from taken where paused_until is null`,
};

export type ClaimedDeliveryRow = {
  bucket: number;
  merchant_id: string;
  id: string;
  attempt: number;
  tries: number;
  queued_at: Date;
  event_id: string;
  mode: Mode;
  type: EventType;
  data: Record<string, unknown>;
  payment_id: string;
  operation_id: string;
  created_at: Date;
  secrets: Buffer[];
} & ({ endpoint: null } | { endpoint: string; url: string; event_version: number; failures: number });

export function claimedDeliveryOf(row: ClaimedDeliveryRow): ClaimedDelivery {
  const { bucket, id, attempt, tries, mode, type, data } = row;
  return {
    ...{ bucket, id, attempt, tries },
    merchantId: row.merchant_id,
    createdAt: row.queued_at,
    event: {
      bucket,
      id: row.event_id,
      mode,
      type,
      data,
      paymentId: row.payment_id,
      operationId: row.operation_id,
      createdAt: row.created_at,
    },
    endpoint:
      row.endpoint === null
        ? undefined
        : { id: row.endpoint, url: row.url, eventVersion: row.event_version, failures: row.failures, secrets: row.secrets },
  };
}
