import type { Event } from "../payment/event.ts";
import type { Mode } from "../payment/payment.ts";
import type { EventType } from "../payment/settlement.ts";
import { type Page, type Place, pageOf } from "./page.ts";
import type { ReadTransaction } from "./read-transaction.ts";
import type { Tenant } from "./store.ts";

export type EventFilter = { readonly type: EventType | undefined; readonly paymentId: string | undefined };

/** A merchant's events in one mode, newest first. Those of one payment lie between its beginning and its last change. */
export async function listEvents(tx: ReadTransaction, tenant: Tenant, filter: EventFilter, place: Place): Promise<Page<Event>> {
  const within = filter.paymentId === undefined ? place : await whilePayment(tx, tenant, filter.paymentId, place);
  if (!within) return { items: [], next: undefined };
  const statement = {
    inner: "select * from satang.events where true",
    around: (inner: string) => `
select ${columns} from ${inner} as e
where mode = $5 and ($6::text is null or type = $6) and ($7::uuid is null or payment_id = $7)
  and ($8::timestamptz is null or created_at >= $8) and ($9::timestamptz is null or created_at < $9)`,
    filters: [tenant.mode, filter.type, filter.paymentId, place.createdFrom, place.createdBefore],
  };
  return pageOf<EventRow, Event>(tx, statement, { tenant, place: within, itemOf: eventOf });
}

/** One event; `undefined` when this merchant has none with this id in this mode. */
export async function eventById(tx: ReadTransaction, { bucket, merchantId, mode }: Tenant, id: string): Promise<Event | undefined> {
  const text = `select ${columns} from satang.events where bucket = $1 and merchant_id = $2 and id = $3 and mode = $4`;
  const [row] = await tx.query<EventRow>(text, [bucket, merchantId, id, mode]);
  return row && eventOf(row);
}

const columns = "bucket, id, mode, type, payment_id, operation_id, data, created_at";

type EventRow = {
  bucket: number;
  id: string;
  mode: Mode;
  type: EventType;
  payment_id: string;
  operation_id: string;
  data: Record<string, unknown>;
  created_at: Date;
};

function eventOf({ payment_id, operation_id, created_at, ...row }: EventRow): Event {
  return { ...row, paymentId: payment_id, operationId: operation_id, createdAt: created_at };
}

// Events have no index by payment. Each is written in the commit that changes its payment, so no other time need be looked at.
async function whilePayment(
  tx: ReadTransaction,
  { bucket, merchantId }: Tenant,
  paymentId: string,
  place: Place,
): Promise<Place | undefined> {
  const text = "select created_at, updated_at from satang.payments where bucket = $1 and merchant_id = $2 and id = $3";
  const [payment] = await tx.query<{ created_at: Date; updated_at: Date }>(text, [bucket, merchantId, paymentId]);
  if (!payment) return undefined;
  const { createdFrom, createdBefore } = place;
  const first = payment.created_at.getTime();
  const afterLast = payment.updated_at.getTime() + 1;
  return {
    ...place,
    createdFrom: new Date(Math.max(createdFrom?.getTime() ?? first, first)),
    createdBefore: new Date(Math.min(createdBefore?.getTime() ?? afterLast, afterLast)),
  };
}
