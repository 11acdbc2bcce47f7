/**
 * Moves the closing time. A journal is dated by its transaction's start and written within 30 s of it (the trigger `in_time` holds that), so
 * whatever is dated more than 30 s before a look has an xid below that look's; once the oldest transaction that still runs is above it, all
 * of those have ended, and are seen. A commit that waits for a standby, however long, keeps the books open.
 *
 * An xid that is above all that were ever given comes from the cluster of which this one was restored: then we begin again.
 */
export const closeBooks = {
  name: "close_books",
  text: `
update satang.books
set closed_through = case when seen.ended then greatest(closed_through, looked_at - interval '30 seconds') else closed_through end,
    looked_at = case when seen.ended or seen.foreign_xid then now() else looked_at end,
    looked_xid = case when seen.ended or seen.foreign_xid then pg_snapshot_xmax(seen.snapshot) else looked_xid end
from (
  select snapshot, pg_snapshot_xmin(snapshot) >= looked_xid as ended, pg_snapshot_xmax(snapshot) < looked_xid as foreign_xid
  from satang.books, pg_current_snapshot() as snapshot
) as seen`,
};
