import type { ReadTransaction } from "./read-transaction.ts";

/** Days of a calendar, from the first to before the last, as they begin in a time zone of the IANA database. */
export type Days = { readonly from: string; readonly to: string; readonly timeZone: string };

/** A stretch of time, from `from` to before `before`. Closed: whatever was posted in it is there, and nothing more can come. */
export type Period = { readonly from: Date; readonly before: Date; readonly closed: boolean };

/** When some days begin and end. By the database, which knows of each zone when its clocks were changed. */
export async function periodOf(tx: ReadTransaction, { from, to, timeZone }: Days): Promise<Period> {
  const [period] = await tx.query<Period>(periodText, [from, to, timeZone]);
  return period!;
}

const periodText = `
select starts as "from", ends as before, ends <= (select closed_through from satang.books) as closed
from (select $1::date::timestamp at time zone $3::text as starts, $2::date::timestamp at time zone $3::text as ends) as days`;

/** A week begins on Monday. */
export const granularities = ["hour", "day", "week", "month"] as const;
export type Granularity = (typeof granularities)[number];
