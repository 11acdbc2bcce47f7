import { execFile } from "node:child_process";
import { promisify } from "node:util";
import pg from "pg";
import type { Payer } from "./scripts.ts";

/** What stands on the machine while we measure. */
export type Stage = {
  readonly apiPort: number;
  readonly secretKey: string;
  readonly postgresUrl: string;
  readonly redisUrl: string;
  readonly simulatorUrl: string;
  readonly payer: Payer;
  /** Of the server, as Postgres 15.18. */
  readonly version: string;
  /** For files of this run. */
  readonly folder: string;
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
  /** Process ids of dispatcher and worker, to hold them still while payments pile up. */
  readonly performers: readonly number[];
};

/** Runs one of our own programs beside this file, and reads the line of JSON that it prints. */
export async function program<T>(file: string, args: readonly string[]): Promise<T> {
  const path = new URL(file, import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [path, ...args], { maxBuffer: 1 << 22 });
  return JSON.parse(stdout) as T;
}

export type Loaded = {
  readonly good: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
};

/** Loads an API as `load.ts` does. Throws when an answer is not what was expected. */
export async function load({ apiPort, secretKey }: Pick<Stage, "apiPort" | "secretKey">, ...args: readonly string[]): Promise<Loaded> {
  const { bad, ...loaded } = await program<Loaded & { bad: Record<string, number> }>("./load.ts", [
    `--port=${apiPort}`,
    `--key=${secretKey}`,
    ...args,
  ]);
  if (Object.keys(bad).length > 0) throw new Error(`answers that were not expected: ${JSON.stringify(bad)}`);
  return loaded;
}

export type Fed = { readonly count: number; readonly seconds: number; readonly perSecond: number };

/** Accepts payments in the store itself, as `feeder.ts` does. */
export function feed({ postgresUrl, payer }: Stage, ...args: readonly string[]): Promise<Fed> {
  return program<Fed>("./feeder.ts", [`--url=${postgresUrl}`, `--bucket=${payer.bucket}`, `--merchant=${payer.merchantId}`, ...args]);
}

/** Sees to it that there are settled payments. */
export async function settledPayments(stage: Stage, count: number): Promise<void> {
  await feed(stage, `--count=${count}`, "--due");
  await allSettled(stage.postgresUrl, 120_000);
}

/**
 * Dispatcher and workers stand still until this is disposed of: a worker would take the cores away from whoever comes second, and a
 * dispatcher would tell the API of a queue that nobody works at, and the API would take no more.
 */
export function held({ performers }: Pick<Stage, "performers">): Disposable {
  const signal = (name: "SIGSTOP" | "SIGCONT") => {
    for (const pid of performers) process.kill(pid, name);
  };
  signal("SIGSTOP");
  return { [Symbol.dispose]: () => signal("SIGCONT") };
}

/**
 * Empties what grows, so that each round finds the same tables. The books too, which nobody may empty who is not the owner of a database of
 * his own: without their operations the dispatcher's check would find all of them wrong.
 */
export async function sweepTables(postgresUrl: string): Promise<void> {
  const books = ["ledger_entries", "events", "folds", "checkpoints", "book_faults"];
  const tables = ["payments", "idempotency_keys", "operations", "queue_states", "queue_progress", ...books];
  const sweep = `set session_replication_role = replica; truncate ${tables.map((table) => `satang.${table}`).join(", ")}`;
  await withClient(postgresUrl, async (client) => {
    for (let left = 4; ; left--) {
      try {
        return await client.query(sweep);
      } catch (error) {
        if ((error as pg.DatabaseError).code !== "40P01" || left === 0) throw error; // a dispatcher looks at two of them in an order of its own
      }
    }
  });
}

/** Resolves when no operation is open any more. Throws after `withinMs`. */
export async function allSettled(postgresUrl: string, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  await withClient(postgresUrl, async (client) => {
    for (;;) {
      const { rows } = await client.query<{ open: boolean }>("select exists (select from satang.operations where is_open) as open");
      if (!rows[0]!.open) return;
      if (performance.now() > deadline) throw new Error(`operations are still open after ${withinMs / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  });
}

export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Bytes of write-ahead log that the server has ever written. */
export async function logPosition(url: string): Promise<number> {
  const sql = "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as bytes";
  return withClient(url, async (client) => (await client.query<{ bytes: number }>(sql)).rows[0]!.bytes);
}
