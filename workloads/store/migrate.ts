import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import pg from "pg";

/**
 * While a version is rolled out, processes of the one before it run on the same database, and may be all that is left when it is rolled back. So a migration
 * only expands: it leaves that version all that it knows. One that takes away what nobody needs any more is named `NNN-name.contract.sql`; it
 * waits until the version that brought it is left for the next, and nothing that expands builds on it.
 */
export type Migration = { readonly name: string; readonly hash: string; readonly sql: string };

const folder = new URL("./migrations/", import.meta.url);
const lockNumber = 5_826_110_401; // any fixed number: one migrator at a time in a database

/** The migrations of this version, in the order of their numbers. */
export async function migrations(): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{3}-[a-z-]+(\.contract)?\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, folder), "utf8");
      return { name, sql, hash: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

/**
 * Brings a database to this version and returns the names of what was applied; a second run, also at the same time, applies nothing.
 * Each file is a transaction of its own. Throws when an applied file was changed afterwards, and when a newer version has taken away what this one may need.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "satang-migrate", connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [lockNumber]); // released with the connection, also when we are killed
    await client.query(
      "create table if not exists public.satang_migrations (name text primary key, hash text not null, applied_at timestamptz not null default now())",
    );
    const { rows } = await client.query<{ name: string; hash: string }>("select name, hash from public.satang_migrations order by name");
    const todo = pending(await migrations(), rows);
    for (const migration of todo) await apply(client, migration);
    return todo.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

/** What is to be applied now; throws where the database's history and this version's files contradict each other. */
export function pending(ours: readonly Migration[], applied: readonly { name: string; hash: string }[]): Migration[] {
  const known = new Map(ours.map((migration) => [migration.name, migration]));
  for (const { name, hash } of applied) {
    const migration = known.get(name);
    if (!migration && contracts(name))
      throw new Error(`the database has migration ${name}, which this version does not know: run the version that made it, or a newer one`);
    if (migration && migration.hash !== hash)
      throw new Error(`migration ${name} was changed after it was applied: restore the file and put the change in a new one`);
  }
  const done = new Set(applied.map((migration) => migration.name));
  const left = ours.filter((migration) => !done.has(migration.name));
  const expanding = left.filter(({ name }) => !contracts(name));
  // Behind its own version's, which were here before, and before the next one's, which come now: processes of its own version run, and of none before it.
  const isDue = (name: string): boolean => expanding[0] !== undefined && name < expanding[0].name;
  return left.filter(({ name }) => !contracts(name) || isDue(name));
}

const contracts = (name: string): boolean => name.endsWith(".contract.sql");

async function apply(client: pg.Client, { name, hash, sql }: Migration): Promise<void> {
  // An owner who is held to row-level security would see no rows of tenants' tables, and a migration of data would do nothing. So it fails.
  await client.query("begin; set local row_security = off");
  try {
    await client.query(sql);
    await client.query("insert into public.satang_migrations (name, hash) values ($1, $2)", [name, hash]);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw new Error(`migration ${name} failed and changed nothing: ${(error as Error).message}`, { cause: error });
  }
}
