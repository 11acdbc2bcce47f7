import { execFile } from "node:child_process";
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { type PostgresBinaries, postgresBinaries } from "./postgres-binaries.ts";
import { endStalePostmaster } from "./postmaster.ts";
import { Refusal } from "./refusal.ts";
import { canReach, type ServerUser, serverUser } from "./server-user.ts";
import type { ProcessSpec } from "./supervise.ts";

export type PostgresOptions = {
  /** Where its folder is made, and the id under which it is kept elsewhere when its user cannot get there. */
  readonly state: { readonly path: string; readonly id: string };
  readonly port: number;
  readonly password: string;
  /** The PATH to look for `postgres` on. */
  readonly path: string;
  /** Settings of Postgres by name, beside those of a small server. */
  readonly settings?: Readonly<Record<string, string>>;
};

/** A Postgres of our own, ready to be supervised; `url` is its owner's, and names the database that `createDatabase` makes. */
export type LocalPostgres = { readonly spec: ProcessSpec; readonly url: string; readonly version: string; readonly folder: string };

const owner = "satang";
const database = "satang";

/** Finds a Postgres, makes its data folder when there is none, and ends one that was left running there. Throws `Refusal`. */
export async function localPostgres(options: PostgresOptions): Promise<LocalPostgres> {
  const user = serverUser();
  const folder = serverFolder(options.state, user);
  const data = join(folder, "data");
  const binaries = chooseBinaries(options.path, data);
  const bin = binariesFor(user, binaries, folder);
  if (existsSync(data)) await endStalePostmaster(data);
  else await makeData(data, bin, user, options.password);

  const url = `postgres://${owner}:${options.password}@127.0.0.1:${options.port}/${database}`;
  const settings = settingsOf(options, folder);
  return { spec: specOf(bin, data, folder, user, settings, url), url, version: binaries.version, folder };
}

/** Makes the database that a URL names, unless it is there. */
export async function createDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await withClient(atDatabase(url, "postgres"), async (client) => {
    const found = await client.query("select from pg_database where datname = $1", [name]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  });
}

/** Throws the driver's error while the server takes no connections. */
export async function pingPostgres(url: string): Promise<true> {
  await withClient(url, (client) => client.query("select 1"));
  return true;
}

export function atDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

async function withClient(url: string, use: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => {}); // a line that breaks while idle; whoever uses it hears of it by his own query
  try {
    await client.connect();
    await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}

function settingsOf({ port, settings }: PostgresOptions, folder: string): Record<string, string | number> {
  const small = {
    shared_buffers: "128MB",
    max_connections: 100,
    max_wal_size: "1GB",
    min_wal_size: "1GB",
    log_min_duration_statement: 1000,
  };
  // 107 bytes is what the address of a Unix socket holds.
  const socket = join(folder, `.s.PGSQL.${port}`).length <= 107 ? folder : "";
  return { ...small, ...settings, port, listen_addresses: "127.0.0.1", unix_socket_directories: socket, fsync: "on" };
}

function specOf(
  bin: string,
  data: string,
  folder: string,
  user: ServerUser | undefined,
  settings: Record<string, string | number>,
  url: string,
): ProcessSpec {
  return {
    name: "postgres",
    command: join(bin, "postgres"),
    args: ["-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    env: { LC_ALL: "C", TZ: "UTC" },
    cwd: folder,
    user,
    leash: "pipe",
    stopSignal: "SIGINT", // "fast": ends sessions, writes a checkpoint
    ready: () => pingPostgres(atDatabase(url, "postgres")),
  };
}

/** Where the server's folder is when its user cannot get to the state folder. */
export const elsewhere = (id: string): string => join("/var/lib/satang", id);

// A server that is started by root runs as another user, who may not get into root's home.
function serverFolder({ path, id }: { path: string; id: string }, user: ServerUser | undefined): string {
  const folder = !user || canReach(user, path) ? join(path, "postgres") : join(elsewhere(id), "postgres");
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  chmodSync(folder, 0o700);
  if (user) chownSync(folder, user.uid, user.gid);
  return folder;
}

function chooseBinaries(path: string, data: string): PostgresBinaries {
  const version = join(data, "PG_VERSION");
  const major = existsSync(version) ? Number(readFileSync(version, "utf8")) : undefined;
  const majors = new Set<number>();
  for (const found of postgresBinaries(path)) {
    if (major === undefined || found.major === major) return found;
    majors.add(found.major);
  }
  if (major !== undefined && majors.size > 0) {
    const here = [...majors].join(", ");
    throw new Refusal(
      `${data} was made by Postgres ${major}, here is ${here}: install Postgres ${major}, or start afresh: mv ${data} ${data}.${major}`,
    );
  }
  throw new Refusal(
    "no Postgres 15 or newer found: npm install brings one for most machines, else sudo apt-get install postgresql, or set POSTGRES_URL=postgres://…",
  );
}

function binariesFor(user: ServerUser | undefined, { folder: bin, embedded, version }: PostgresBinaries, folder: string): string {
  if (!user || canReach(user, bin)) return bin;
  if (!embedded)
    throw new Refusal(
      `user ${user.name}, as whom Postgres must run, cannot reach ${bin}: take it off the PATH, or start as another user than root`,
    );
  const copy = join(folder, `binaries-${version}`);
  if (!existsSync(copy)) {
    const unfinished = `${copy}.new`;
    cpSync(dirname(bin), unfinished, { recursive: true, verbatimSymlinks: true });
    renameSync(unfinished, copy);
  }
  return join(copy, "bin");
}

async function makeData(data: string, bin: string, user: ServerUser | undefined, password: string): Promise<void> {
  const unfinished = `${data}.new`; // renamed once it is whole: an interrupted initdb leaves nothing that looks like data
  const passwordFile = `${data}.password`;
  rmSync(unfinished, { recursive: true, force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  const args = [
    "-D",
    unfinished,
    "-U",
    owner,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--data-checksums",
    "--encoding=UTF8",
    "--locale=C",
  ];
  try {
    await promisify(execFile)(join(bin, "initdb"), args, { ...user, cwd: dirname(data), env: { LC_ALL: "C", TZ: "UTC" } });
  } catch (cause) {
    const why = (cause as { stderr?: string }).stderr?.trim().split("\n").at(-1) ?? String(cause);
    throw new Refusal(`Postgres cannot make its data in ${data}: ${why}`, { cause });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(unfinished, data);
}
