import type { Socket } from "node:net";
import pg from "pg";
import { arrayLiteral } from "./array-literal.ts";
import { StoreUnavailable } from "./store.ts";

export type DatabaseOptions = {
  url: string;
  connections: number;
  applicationName: string;
  onIdleError?: (error: Error) => void;
  /** Where there are several: which of them this must be, and how many there are. */
  shard?: { readonly number: number; readonly of: number };
};

/**
 * Connections to the primary. A connection that turns out to lead to a standby (a primary was demoted) is refused and thrown away.
 * Numbers come back as numbers: amounts are safe integers by the checks of the tables.
 */
export function openDatabase({ url, connections, applicationName, shard, onIdleError = () => {} }: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    maxLifetimeSeconds: 1_800, // so that connections spread again after a failover
    keepAlive: true,
    query_timeout: 20_000, // a synchronous commit that waits for a standby is not ended by statement_timeout
    types: numbers,
    onConnect: async (client) => {
      await onlyPrimary(client);
      if (shard) await onlyShard(client, shard);
    },
  });
  leaveSilence(pool);
  pool.on("error", onIdleError); // without a listener an idle connection that breaks would end the process
  return pool;
}

/**
 * A primary that is cut off tells nobody: each connection to it would take a statement and be silent until that times out, one after the other. Where
 * one has been silent, those that nobody uses are thrown away too, and the next statements find out anew who is primary.
 */
function leaveSilence(pool: pg.Pool): void {
  const idle = new Set<pg.PoolClient>();
  pool.on("acquire", (client) => idle.delete(client));
  pool.on("remove", (client) => idle.delete(client));
  pool.on("release", (error, client) => {
    if (!error) idle.add(client);
    else if (isSilence(error)) for (const other of idle) socketOf(other)?.destroy(); // ending it would wait for an answer
  });
}

const isSilence = (error: unknown): boolean => error instanceof Error && error.message === "Query read timeout";

const socketOf = (client: pg.PoolClient): Socket | undefined =>
  (client as unknown as { connection?: { stream?: Socket } }).connection?.stream;

const int8 = 20;
/** Reads `bigint` as a number. */
export const numbers = {
  getTypeParser: (oid, format) => (oid === int8 ? Number : pg.types.getTypeParser(oid, format)),
} as pg.CustomTypesConfig;

// Every statement here goes by key. A plan that is made while a table is young lives on when it has ten million rows, so no plan may
// walk through a table: rows that are read and thrown away are what is dear, pages are not.
const byKey = `set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set cpu_tuple_cost = 1; set cpu_index_tuple_cost = 1;
  set plan_cache_mode = force_generic_plan; set jit = off`;

async function onlyPrimary(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ standby: boolean }>("select pg_is_in_recovery() as standby");
  if (rows[0]?.standby) throw new StoreUnavailable("the server is a standby");
  await client.query(`${byKey}; set idle_in_transaction_session_timeout = '10s'; set statement_timeout = '15s'`);
}

async function onlyShard(client: pg.ClientBase, { number, of }: NonNullable<DatabaseOptions["shard"]>): Promise<void> {
  const { rows } = await client.query<{ number: number }>("select number from satang.this_shard");
  if (rows[0]?.number !== number) throw new StoreUnavailable(`the database of shard ${number} says that it is shard ${rows[0]?.number}`);
  await client.query(`set satang.shards = ${of}`); // over which a new merchant may be placed
}

/** Runs a statement, whose columns are arrays; what means "no primary, or the line was cut" becomes `StoreUnavailable`, a fault of the data stays what it is. */
export async function run<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  { name, text, values = [] }: { name: string; text: string; values?: unknown[] },
): Promise<Row[]> {
  try {
    const columns = values.map((value) => (Array.isArray(value) ? arrayLiteral(value) : value));
    return (await pool.query<Row>({ name, text, values: columns })).rows;
  } catch (error) {
    throw isUnavailable(error) ? new StoreUnavailable(`${name}: ${(error as Error).message}`, { cause: error }) : error;
  }
}

/** A fault of one row (a broken check, a deadlock) rather than of the server: the other rows of a batch may go on without it. */
export function isFaultOfRows(error: unknown): boolean {
  return sqlStateClasses(error, ["22", "23", "40", "P0", "42"]);
}

/** Whether an error means "no server, or the line was cut". */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return true;
  // 08 connection, 28 login (a password on its way to being changed), 53 resources, 57 intervention (restart, recovery), 58 system, XX internal; 25006 a read-only server: a demoted primary.
  if (sqlStateClasses(error, ["08", "28", "53", "57", "58", "XX", "25"])) return true;
  return !sqlStateClasses(error, [""]); // no SQLSTATE: it came from the socket or the pool, not from Postgres
}

function sqlStateClasses(error: unknown, classes: string[]): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && classes.some((sqlClass) => code.startsWith(sqlClass));
}
