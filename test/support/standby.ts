import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { atDatabase, pingPostgres } from "../../operator/local/postgres.ts";
import { postgresBinaries } from "../../operator/local/postgres-binaries.ts";
import { serverUser } from "../../operator/local/server-user.ts";
import { Victim } from "../workloads/crash/victim.ts";

/** A streaming standby, made by pg_basebackup, that replays when it is told to. */
export type Standby = AsyncDisposable & {
  readonly server: Victim;
  /** From now on, commits are replayed so long after they were made: `recovery_min_apply_delay`. */
  delay(seconds: number): Promise<void>;
  /** As the superuser of the primary. */
  sql<Row extends pg.QueryResultRow>(text: string): Promise<Row[]>;
};

/** `primaryUrl`: as a superuser of the primary, whose binaries are the first on the PATH. */
export async function startStandby({ primaryUrl, port }: { primaryUrl: string; port: number }): Promise<Standby> {
  const [found] = postgresBinaries(process.env.PATH ?? "");
  const bin = dirname(realpathSync(join(found!.folder, "postgres"))); // beside the server itself, where there is a link to it on the PATH
  const folder = await mkdtemp(join(tmpdir(), "satang-standby-"));
  const [user, home, data] = [serverUser(), join(folder, "home"), join(folder, "home", "data")];
  await chmod(folder, 0o711);
  await mkdir(home, { mode: 0o700 });
  if (user) await chown(home, user.uid, user.gid);
  const env = { LC_ALL: "C", TZ: "UTC" };
  const backup = [
    "--pgdata",
    data,
    "--dbname",
    atDatabase(primaryUrl, "postgres"),
    "--write-recovery-conf",
    "--checkpoint=fast",
    "--wal-method=stream",
  ];
  await promisify(execFile)(join(bin, "pg_basebackup"), backup, { ...user, cwd: home, env });

  const url = Object.assign(new URL(primaryUrl), { port: String(port) }).href;
  const server = new Victim({
    name: "standby",
    command: join(bin, "postgres"),
    args: ["-D", data, "-c", `port=${port}`, "-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${home}`],
    env,
    cwd: home,
    user,
    leash: "pipe",
    stopSignal: "SIGINT",
    ready: () => pingPostgres(url),
  });
  await server.start();

  async function sql<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  return {
    server,
    sql,
    async delay(seconds) {
      await sql(`alter system set recovery_min_apply_delay = '${seconds}s'`);
      await sql("select pg_reload_conf()");
    },
    async [Symbol.asyncDispose]() {
      await server.kill("SIGQUIT");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
