import type { Queue } from "../payment/operation.ts";
import type { Offered } from "./store.ts";

/**
 * What is due in a queue, oldest first, pushed on by the visibility before anybody is told: whoever dies after this commit has only
 * delayed it. What a worker holds under a running lease is due when the lease ends, and not offered.
 */
export const offer = {
  name: "offer",
  text: `
with due as (
  select ctid as row from satang.operations
  where queue = $1 and is_open and due_at <= now() order by due_at limit $2 for update skip locked
)
update satang.operations
set due_at = case when lease_until > now() then lease_until else now() + $3::float8 * interval '1 second' end
where ctid = any(array(select row from due))
returning bucket, merchant_id, id, coalesce(lease_until > now(), false) as held, lease_until is not null as stale`,
};

export type OfferRow = { bucket: number; merchant_id: string; id: string; held: boolean; stale: boolean };

export function offeredOf({ bucket, merchant_id, id, stale }: OfferRow): Offered {
  return { bucket, merchantId: merchant_id, id, stale };
}

/** Open operations by queue: due within the visibility (waiting or in flight). A delivery that comes round for another try is nobody's wait. */
export const queueDepths = {
  name: "queue_depths",
  text: `
select queue, count(*) as depth, greatest(extract(epoch from now() - min(created_at) filter (where tries = 0)), 0)::float8 as oldest_seconds
from satang.operations where is_open and queue = any($1::text[]) and due_at <= now() + $2::float8 * interval '1 second' group by queue`,
};

export type DepthRow = { queue: Queue; depth: number; oldest_seconds: number };

/** Operations whose outcome is unknown, by provider, and since when the oldest. */
export const unknownOperations = {
  name: "unknown_operations",
  text: `
select provider, count(*) as count, coalesce(extract(epoch from now() - min(first_sent_at)), 0)::float8 as oldest_seconds
from satang.operations where is_open and queue = any($1::text[]) and state = 'unknown' group by provider`,
};

export type UnknownRow = { provider: string; count: number; oldest_seconds: number };
