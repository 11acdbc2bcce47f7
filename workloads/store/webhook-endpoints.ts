import type { Mode } from "../payment/payment.ts";
import type { EventType } from "../payment/settlement.ts";
import { auditing } from "./audit.ts";
import type { DisabledReason, WebhookEndpoint } from "./webhooks.ts";

const columns = `bucket, merchant_id, mode, id, url, description, event_types, event_version, disabled_at, disabled_reason, failing_since, created_at, updated_at`;
const byKey = "bucket = $4 and merchant_id = $5 and mode = $6 and id = $7";

const audited = (from: string, participle: string, details?: string): string =>
  `audited as (${auditing(from, {
    action: `webhook_endpoint.${participle}`,
    targetType: "webhookEndpoint",
    targetId: "id",
    firstParameter: 1,
    ...(details === undefined ? {} : { details }),
  })})`;

/** In the lowest free slot; no row when none is free, or when another has just taken it. */
export const createEndpoint = {
  name: "create_webhook_endpoint",
  text: `
with made as (
  insert into satang.webhook_endpoints (bucket, merchant_id, mode, id, slot, url, description, event_types)
  select $4::smallint, $5::uuid, $6::text, $7::uuid, min(free.slot), $8::text, $9::text, $10::text[]
  from generate_series(0, 15) as free(slot)
  where not exists (select from satang.webhook_endpoints w where w.bucket = $4 and w.merchant_id = $5 and w.mode = $6 and w.slot = free.slot)
  having count(*) > 0
  on conflict do nothing
  returning ${columns}
), secret as (
  insert into satang.webhook_secrets (bucket, merchant_id, endpoint_id, id, secret) select bucket, merchant_id, id, $11::uuid, $12::bytea from made
), ${audited("made", "created", "jsonb_build_object('url', url)")}
select ${columns} from made`,
};

export const endpoints = {
  name: "webhook_endpoints",
  text: `select ${columns} from satang.webhook_endpoints where bucket = $1 and merchant_id = $2 and mode = $3 order by id desc`,
};

export const endpoint = {
  name: "webhook_endpoint",
  text: `select ${columns} from satang.webhook_endpoints where bucket = $1 and merchant_id = $2 and mode = $3 and id = $4`,
};

/** $8 to $10: whether url, description and event types are given, and $11 to $13 what they are; $14: enabled or not, or as it was. */
export const changeEndpoint = {
  name: "change_webhook_endpoint",
  text: `
with changed as (
  update satang.webhook_endpoints
  set url = case when $8::boolean then $11 else url end,
      description = case when $9::boolean then $12 else description end,
      event_types = case when $10::boolean then $13::text[] else event_types end,
      disabled_at = case $14::boolean when true then null when false then coalesce(disabled_at, now()) else disabled_at end,
      disabled_reason = case $14::boolean when true then null when false then coalesce(disabled_reason, 'asked') else disabled_reason end,
      -- what is enabled, or is somewhere else now, begins anew
      failures = case when $14::boolean or $8 then 0 else failures end,
      failing_since = case when $14::boolean or $8 then null else failing_since end,
      paused_until = case when $14::boolean or $8 then null else paused_until end,
      updated_at = now()
  where ${byKey}
  returning ${columns}
), ${audited("changed", "changed", "jsonb_build_object('url', url, 'enabled', disabled_at is null)")}
select ${columns} from changed`,
};

export const deleteEndpoint = {
  name: "delete_webhook_endpoint",
  text: `
with deleted as (
  delete from satang.webhook_endpoints where ${byKey} returning bucket, merchant_id, id, url
), secrets as (
  delete from satang.webhook_secrets s using deleted d where s.bucket = d.bucket and s.merchant_id = d.merchant_id and s.endpoint_id = d.id
), ${audited("deleted", "deleted", "jsonb_build_object('url', url)")}
select id from deleted`,
};

/** Two are valid at most: the one before this signs for a while yet, and what was before that no longer. $10: hours. */
export const rotateSecret = {
  name: "rotate_webhook_secret",
  text: `
with rotated as (
  update satang.webhook_endpoints set updated_at = now() where ${byKey} returning ${columns} -- locks it: one rotation at a time
), older as (
  delete from satang.webhook_secrets s using rotated r
  where s.bucket = r.bucket and s.merchant_id = r.merchant_id and s.endpoint_id = r.id and s.expires_at is not null
), previous as (
  update satang.webhook_secrets s set expires_at = now() + $10::float8 * interval '1 hour' from rotated r
  where s.bucket = r.bucket and s.merchant_id = r.merchant_id and s.endpoint_id = r.id and s.expires_at is null
  returning s.expires_at
), secret as (
  insert into satang.webhook_secrets (bucket, merchant_id, endpoint_id, id, secret) select bucket, merchant_id, id, $8::uuid, $9::bytea from rotated
), ${audited("rotated", "secret_rotated", "jsonb_build_object('overlap_hours', $10::float8)")}
select ${columns}, (select max(expires_at) from previous) as previous_expires_at from rotated`,
};

export type EndpointRow = {
  bucket: number;
  merchant_id: string;
  mode: Mode;
  id: string;
  url: string;
  description: string | null;
  event_types: EventType[] | null;
  event_version: number;
  disabled_at: Date | null;
  disabled_reason: DisabledReason | null;
  failing_since: Date | null;
  created_at: Date;
  updated_at: Date;
};

export function endpointOf(row: EndpointRow): WebhookEndpoint {
  const { bucket, mode, id, url, description } = row;
  return {
    ...{ bucket, mode, id, url, description },
    merchantId: row.merchant_id,
    eventTypes: row.event_types,
    eventVersion: row.event_version,
    disabled: row.disabled_at && { at: row.disabled_at, reason: row.disabled_reason! },
    failingSince: row.failing_since,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
