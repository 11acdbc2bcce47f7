import type { OperationState } from "../payment/operation.ts";
import type { EventType } from "../payment/settlement.ts";
import { type Page, type Place, pageOf } from "./page.ts";
import type { ReadTransaction } from "./read-transaction.ts";
import type { Tenant } from "./store.ts";
import type { Attempt } from "./webhooks.ts";

/** An event on its way to an endpoint, and what came of it so far. */
export type Delivery = {
  readonly bucket: number;
  readonly id: string;
  readonly endpointId: string;
  readonly eventId: string;
  readonly eventType: EventType;
  readonly state: OperationState;
  readonly reason: string | null;
  readonly dueAt: Date;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
  /** The last of them, the newest first. */
  readonly attempts: readonly (Attempt & { readonly at: Date })[];
};

export type DeliveryFilter = { readonly states: readonly OperationState[] | undefined };

const attemptsShown = 20;

/** The deliveries to one endpoint, newest first. */
export async function listDeliveries(
  tx: ReadTransaction,
  tenant: Tenant,
  endpointId: string,
  { states }: DeliveryFilter,
  place: Place,
): Promise<Page<Delivery>> {
  const statement = {
    // Stands in the text, because the walk has no parameter for it: it is a UUID that we read from a public id.
    inner: `select * from satang.operations where kind = 'deliver' and endpoint_id = '${endpointId}'`,
    around: (inner: string) => `
select o.bucket, o.id, o.endpoint_id, o.event_id, e.type, o.state, o.last_error, o.due_at, o.created_at, o.settled_at, array(
  select jsonb_build_object('statusCode', a.status_code, 'error', a.error, 'answer', a.answer, 'durationMs', a.duration_ms, 'at', a.created_at)
  from satang.webhook_attempts a where a.bucket = o.bucket and a.merchant_id = o.merchant_id and a.operation_id = o.id order by a.attempt desc limit ${attemptsShown}
) as attempts
from ${inner} as o join satang.events e on e.bucket = o.bucket and e.merchant_id = o.merchant_id and e.id = o.event_id
where e.mode = $5 and ($6::text[] is null or o.state = any($6)) and ($7::timestamptz is null or o.created_at >= $7) and ($8::timestamptz is null or o.created_at < $8)`,
    filters: [tenant.mode, states, place.createdFrom, place.createdBefore],
  };
  return pageOf<DeliveryRow, Delivery>(tx, statement, { tenant, place, itemOf: deliveryOf });
}

type DeliveryRow = {
  bucket: number;
  id: string;
  endpoint_id: string;
  event_id: string;
  type: EventType;
  state: OperationState;
  last_error: string | null;
  due_at: Date;
  created_at: Date;
  settled_at: Date | null;
  attempts: (Attempt & { at: string })[];
};

function deliveryOf(row: DeliveryRow): Delivery {
  const { bucket, id, state } = row;
  return {
    ...{ bucket, id, state },
    endpointId: row.endpoint_id,
    eventId: row.event_id,
    eventType: row.type,
    reason: row.last_error,
    dueAt: row.due_at,
    createdAt: row.created_at,
    settledAt: row.settled_at,
    attempts: row.attempts.map((attempt) => ({ ...attempt, at: new Date(attempt.at) })),
  };
}
