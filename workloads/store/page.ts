import type pg from "pg";
import type { ReadTransaction } from "./read-transaction.ts";
import type { Tenant } from "./store.ts";

/** Where in a list to read. Newest first is by id: ids hold the time at which they were made. */
export type Place = {
  /** Only what is older than this id; `undefined`: from the newest. */
  readonly after: string | undefined;
  readonly limit: number;
  /** At or after this time, and before that one. */
  readonly createdFrom: Date | undefined;
  readonly createdBefore: Date | undefined;
};

/** `next`: the place where the next page begins; none when there is nothing older. */
export type Page<Item> = { readonly items: readonly Item[]; readonly next: string | undefined };

/**
 * How many rows a page may look at to find what its filters want. What is looked for may be one in a million, and no status has an index:
 * so a page ends here, shorter than its limit or even empty, and the next goes on from where it ended.
 */
const lookAtMost = 10_000;

/** Ids are made by the clocks of our processes, times by the database's. That is how far the two may differ. */
export const skewMs = 60_000;

/**
 * Runs a list's statement, which selects `inner` as its only source. `inner` is the walk from newer to older along the primary key, given
 * the columns and the table; the statement around it filters. Parameters $1 to $4 are the walk's, those of the filters follow.
 */
export async function pageOf<Row extends pg.QueryResultRow & { id: string }, Item>(
  tx: ReadTransaction,
  { inner, around, filters }: { inner: string; around: (inner: string) => string; filters: readonly unknown[] },
  { tenant, place, itemOf }: { tenant: Tenant; place: Place; itemOf: (row: Row) => Item },
): Promise<Page<Item>> {
  const walk = [tenant.bucket, tenant.merchantId, ...idBounds(place)];
  const walked = `${inner} and bucket = $1 and merchant_id = $2 and id < $3 and id >= $4 order by id desc`;
  const statement = `${around(`(${walked} limit ${lookAtMost})`)} order by id desc limit ${place.limit + 1}`;
  const rows = await tx.query<Row>(statement, [...walk, ...filters]);
  const items = rows.slice(0, place.limit).map(itemOf);
  if (rows.length > place.limit) return { items, next: rows[place.limit - 1]!.id };

  const [last] = await tx.query<{ id: string }>(`select id from (${walked} offset ${lookAtMost - 1} limit 1) as looked_at_last`, walk);
  return { items, next: last?.id };
}

function idBounds({ after, createdFrom, createdBefore }: Place): [below: string, from: string] {
  const newest = createdBefore ? idAt(createdBefore.getTime() + skewMs) : lastId;
  const below = after !== undefined && after < newest ? after : newest;
  return [below, createdFrom ? idAt(createdFrom.getTime() - skewMs) : firstId];
}

const firstId = "00000000-0000-0000-0000-000000000000";
const lastId = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** The first id that could have been made at a time. */
export function idAt(ms: number): string {
  if (ms <= 0) return firstId;
  const hex = Math.min(ms, 2 ** 48 - 1)
    .toString(16)
    .padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
