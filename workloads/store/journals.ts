import type { Currency } from "../payment/money.ts";
import type { OperationKind } from "../payment/operation.ts";
import type { Posting } from "../payment/posting.ts";
import type { Period } from "./period.ts";
import type { ReadTransaction } from "./read-transaction.ts";
import type { Tenant } from "./store.ts";

/** What one operation posted at one time, with what it was for. `date` and `time` are those of the time zone that was asked for. */
export type Journal = {
  readonly bucket: number;
  readonly operationId: string;
  readonly date: string;
  readonly time: string;
  readonly kind: OperationKind;
  readonly paymentId: string;
  readonly reference: string | null;
  readonly postings: readonly Posting[];
};

const entriesAtOnce = 2_000;

/** A merchant's journals of a period, in the order of time, some at a time: a whole year need not fit into memory. */
export async function* journals(
  tx: ReadTransaction,
  { bucket, merchantId }: Tenant,
  { from, before }: Pick<Period, "from" | "before">,
  timeZone: string,
): AsyncGenerator<Journal[]> {
  let last: Pick<EntryRow, "at" | "operation_id" | "line"> = { at: from.toISOString(), operation_id: nil, line: -1 };
  let held: EntryRow[] = []; // of a journal that may go on in the next rows
  for (;;) {
    const values = [bucket, merchantId, before, last.at, last.operation_id, last.line, timeZone];
    const rows = await tx.query<EntryRow>(text, values);
    const entries = [...held, ...rows];
    if (rows.length < entriesAtOnce) {
      yield grouped(entries);
      return;
    }
    last = rows.at(-1)!;
    const whole = entries.findLastIndex((entry) => !isSame(entry, last)) + 1;
    yield grouped(entries.slice(0, whole));
    held = entries.slice(whole);
  }
}

const nil = "00000000-0000-0000-0000-000000000000";

// `offset 0`: as in report-volume.ts.
const text = `
select e.bucket, e.operation_id, e.line, e.account, e.currency, e.amount, e.created_at::text as at,
  to_char(e.created_at at time zone $7::text, 'YYYY-MM-DD') as date, to_char(e.created_at at time zone $7::text, 'HH24:MI:SS.MS') as time,
  o.kind, o.payment_id, p.reference
from satang.ledger_entries e
cross join lateral (
  select o.kind, o.payment_id from satang.operations o
  where o.bucket = e.bucket and o.merchant_id = e.merchant_id and o.id = e.operation_id offset 0
) as o
cross join lateral (
  select p.reference from satang.payments p where p.bucket = e.bucket and p.merchant_id = e.merchant_id and p.id = o.payment_id offset 0
) as p
where e.bucket = $1 and e.merchant_id = $2 and e.created_at < $3
  and e.created_at >= $4::timestamptz and (e.created_at, e.operation_id, e.line) > ($4::timestamptz, $5::uuid, $6::smallint)
order by e.created_at, e.operation_id, e.line limit ${entriesAtOnce}`;

type EntryRow = {
  bucket: number;
  operation_id: string;
  line: number;
  account: string;
  currency: Currency;
  amount: number;
  at: string;
  date: string;
  time: string;
  kind: OperationKind;
  payment_id: string;
  reference: string | null;
};

const isSame = (a: Pick<EntryRow, "at" | "operation_id">, b: Pick<EntryRow, "at" | "operation_id">): boolean =>
  a.operation_id === b.operation_id && a.at === b.at;

function grouped(entries: readonly EntryRow[]): Journal[] {
  const found: (Journal & { postings: Posting[] })[] = [];
  for (const [i, entry] of entries.entries()) {
    const posting = { account: entry.account, currency: entry.currency, amount: entry.amount };
    if (i > 0 && isSame(entries[i - 1]!, entry)) {
      found.at(-1)!.postings.push(posting);
      continue;
    }
    const { bucket, operation_id, date, time, kind, payment_id, reference } = entry;
    found.push({ bucket, operationId: operation_id, date, time, kind, paymentId: payment_id, reference, postings: [posting] });
  }
  return found;
}
