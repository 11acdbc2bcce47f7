import { auditing } from "./audit.ts";

// Of one call, so that no statement takes long.
const lookedAtAtOnce = 10_000;
const resentAtOnce = 1_000;

// Who asks for it has mended his server: a pause that it earned is over. If he has not, its next failure begins the next pause.
const endPause = (of: string): string => `update satang.webhook_endpoints w set paused_until = null, updated_at = now() from ${of}
  where w.bucket = $4 and w.merchant_id = $5 and w.mode = $6 and w.id = $7 and w.paused_until > now()`;

/**
 * Makes a new delivery of the event of an old one, or has the one that is under way wait no longer: what was delivered, or given up, stays
 * in the log as it was. Answers with the delivery that is under way from now on.
 */
export const resend = {
  name: "resend_delivery",
  text: `
with old as (
  select o.* from satang.operations o
  join satang.events e on e.bucket = o.bucket and e.merchant_id = o.merchant_id and e.id = o.event_id and e.mode = $6
  where o.bucket = $4 and o.merchant_id = $5 and o.id = $8 and o.endpoint_id = $7 and o.kind = 'deliver'
), going as (
  select u.bucket, u.merchant_id, u.id from old join satang.operations u
    on u.bucket = old.bucket and u.merchant_id = old.merchant_id and u.payment_id = old.payment_id
    and u.event_id = old.event_id and u.endpoint_id = old.endpoint_id and u.is_open
  limit 1
), made as (
  insert into satang.operations (bucket, merchant_id, id, payment_id, kind, queue, state, event_id, endpoint_id, due_at)
  select bucket, merchant_id, $9::uuid, payment_id, 'deliver', 'webhooks', 'queued', event_id, endpoint_id, now() from old
  where not exists (select from going)
  returning *
), hurried as (
  update satang.operations u set due_at = now() from going
  where u.bucket = going.bucket and u.merchant_id = going.merchant_id and u.id = going.id and u.state = 'queued' and u.due_at > now()
  returning u.bucket, u.merchant_id, u.id
), resumed as (
  ${endPause("old")}
), resent as (
  select bucket, merchant_id, id from made union all select bucket, merchant_id, id from hurried
), audited as (${auditing("resent", { action: "delivery.resent", targetType: "delivery", targetId: "id", firstParameter: 1 })})
select id from made union all select id from going`,
};

/**
 * The same for each event that was given up since the id $8, and was not delivered otherwise. $9: an id of now, from which theirs are made.
 * `last`: the look ended with this one, and there may be more after it.
 */
export const resendFailed = {
  name: "resend_failed_deliveries",
  text: `
with endpoint as (
  select bucket, merchant_id, id from satang.webhook_endpoints where bucket = $4 and merchant_id = $5 and mode = $6 and id = $7
), looked as (
  select o.bucket, o.merchant_id, o.id, o.payment_id, o.event_id, o.endpoint_id, o.state
  from endpoint w join satang.operations o on o.bucket = w.bucket and o.merchant_id = w.merchant_id and o.endpoint_id = w.id and o.kind = 'deliver'
  where o.id >= $8 order by o.id limit ${lookedAtAtOnce}
), failed as (
  select * from looked o
  where o.state = 'declined' and not exists (
    select from satang.operations u
    where u.bucket = o.bucket and u.merchant_id = o.merchant_id and u.payment_id = o.payment_id and u.event_id = o.event_id and u.endpoint_id = o.endpoint_id
      and (u.is_open or u.state = 'succeeded' or u.id > o.id)) -- of one that was given up twice, the later stands for both
  order by o.id limit ${resentAtOnce}
), made as (
  insert into satang.operations (bucket, merchant_id, id, payment_id, kind, queue, state, event_id, endpoint_id, due_at)
  select bucket, merchant_id, satang.derived_id($9::uuid, id::text), payment_id, 'deliver', 'webhooks', 'queued', event_id, endpoint_id, now() from failed
), resumed as (
  ${endPause("endpoint")}
), audited as (${auditing("endpoint", {
    action: "webhook_endpoint.failed_resent",
    targetType: "webhookEndpoint",
    targetId: "id",
    firstParameter: 1,
    details: "jsonb_build_object('resent', (select count(*) from failed))",
  })})
select (select count(*) from failed) as resent, case
  when (select count(*) from failed) = ${resentAtOnce} then (select id from failed order by id desc limit 1)
  when (select count(*) from looked) = ${lookedAtAtOnce} then (select id from looked order by id desc limit 1)
end as last`,
};

/** Forgets deliveries that were done with 30 days ago, their log first; the oldest first, and not more than $1. */
export const forgetOldDeliveries = {
  name: "forget_old_deliveries",
  text: `
with old as (
  select ctid as row, bucket, merchant_id, id from satang.operations
  where kind = 'deliver' and settled_at < now() - interval '30 days' order by settled_at limit $1 for update skip locked
), log as (
  delete from satang.webhook_attempts a using old where a.bucket = old.bucket and a.merchant_id = old.merchant_id and a.operation_id = old.id
)
delete from satang.operations where ctid = any(array(select row from old)) returning id`,
};
