import pg from "pg";
import { isUnavailable } from "./database.ts";
import { lsnOf, type Position } from "./position.ts";
import { ReadRefused } from "./read-refused.ts";
import { StoreUnavailable, type Tenant } from "./store.ts";

/** How old what is read may be: everything that was committed before `at` is there. `lagSeconds` is how far behind the primary that was. */
export type AsOf = { readonly at: Date; readonly lagSeconds: number };

/** One merchant's rows as they were at one moment. What is read of tenants' tables without naming him is his, too. */
export interface ReadTransaction extends AsyncDisposable {
  readonly asOf: AsOf;
  /** Planned afresh for its values: what is read here has many shapes, and tables of every size. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** What a source knows of itself before anything is read from it. `behind`: it has not come to the position that was asked for. */
export type Standing = { readonly standby: boolean; readonly asOf: AsOf; readonly behind: boolean };

// While WAL arrives and all of it is replayed, nothing is missing. Otherwise what is there is as old as the last commit that was replayed:
// that also holds for a replica that was cut off, of which nobody can tell how much it misses.
const standingText = `
select pg_is_in_recovery() as standby, now() as now,
  case when not pg_is_in_recovery() then 0
    when pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn() and exists (select from pg_stat_wal_receiver) then 0
    else extract(epoch from now() - pg_last_xact_replay_timestamp())
  end::float8 as lag_seconds,
  pg_is_in_recovery() and pg_last_wal_replay_lsn() < $1::pg_lsn as behind`;

/** Asked before the snapshot is taken, so that the snapshot is at least as new as the answer. */
export async function standingOf(client: pg.ClientBase, position: Position | undefined): Promise<Standing> {
  type Row = { standby: boolean; now: Date; lag_seconds: number | null; behind: boolean };
  const { rows } = await client.query<Row>(standingText, [position === undefined ? "0/0" : lsnOf(position)]);
  const { standby, now, lag_seconds, behind } = rows[0]!;
  const lagSeconds = Math.max(0, lag_seconds ?? Number.POSITIVE_INFINITY);
  return { standby, behind, asOf: { at: new Date(now.getTime() - 1000 * lagSeconds), lagSeconds } };
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Opens a transaction in which a tenant reads, each statement for at most so long. The client belongs to it until it is disposed of. */
export async function beginRead(
  client: pg.PoolClient,
  { tenant, asOf, statementSeconds }: { tenant: Pick<Tenant, "merchantId">; asOf: AsOf; statementSeconds: number },
): Promise<ReadTransaction> {
  if (!uuid.test(tenant.merchantId)) throw new Error("a merchant's id is no UUID"); // it stands in the text of the statement
  await client.query(
    `begin isolation level repeatable read read only; set local role satang_reader; set local satang.merchant = '${tenant.merchantId}';
     set local statement_timeout = '${statementSeconds}s'; set local idle_in_transaction_session_timeout = '30s'`,
  );
  let failed = false;
  let ended = false;
  return {
    asOf,
    async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
      try {
        return (await client.query<Row>(text, [...values])).rows;
      } catch (error) {
        failed = true;
        throw readError(error);
      }
    },
    async [Symbol.asyncDispose]() {
      if (ended) return;
      ended = true;
      const broken =
        failed ||
        (await client.query("commit").then(
          () => false,
          () => true,
        ));
      client.release(broken);
    },
  };
}

/** What went wrong between us and a server, in our words; a fault of ours stays what it is. */
export function readError(error: unknown): unknown {
  if (error instanceof ReadRefused) return error;
  const code = error instanceof pg.DatabaseError ? error.code : undefined;
  if (code === "57014") return new ReadRefused("slow", "the read took longer than it is given", { cause: error });
  // A standby that replays what our snapshot still needs ends the read: the next source has it, or this one in a moment.
  if (code === "40001" || code === "40P01")
    return new StoreUnavailable(`a replica ended the read: ${(error as Error).message}`, { cause: error });
  if (isUnavailable(error) && !(error instanceof StoreUnavailable))
    return new StoreUnavailable(`a read was cut off: ${(error as Error).message}`, { cause: error });
  return error;
}
