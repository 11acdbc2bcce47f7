import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { LocalProcess } from "../../../operator/local/desired.ts";
import { createDatabase, localPostgres } from "../../../operator/local/postgres.ts";
import { migrate, workload } from "../../../operator/local/workload.ts";
import { apiKeyHash, newApiKey } from "../../../workloads/api-key.ts";
import { type LoginRole, loginOf, type Role } from "../../../workloads/contract.ts";
import { bucketOf, newUuid } from "../../../workloads/payment/id.ts";
import { seed } from "../../../workloads/store/seed.ts";
import { Victim } from "../crash/victim.ts";
import { type Answer, Shop } from "./shop.ts";

/** Real processes on a Postgres of their own, without Redis: what is accepted is due at once. For one test file; each test has its own shop. */
export type Served = AsyncDisposable & {
  readonly url: string;
  /** A new merchant, with a key for the test mode and one for the other. */
  shop(): Promise<Shop>;
  readonly api: Victim;
  readonly postgres: Victim;
  readonly adminKey: string;
  /** Asks as the admin, unless `headers` say otherwise. */
  admin(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** A second API process on the same database. */
  anotherApi(): Promise<{ readonly url: string }>;
  /** The database's rows, as its owner. */
  readonly rows: pg.Pool;
  /** What the API has said so far: its log. */
  log(): string;
};

export async function serve({
  worker: withWorker = true,
  env = {},
}: {
  worker?: boolean;
  env?: Record<string, string>;
} = {}): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), "satang-api-"));
  await chmod(folder, 0o711); // the database's user must get through
  const runtime = { cache: join(tmpdir(), "satang-compile-cache"), path: process.env.PATH ?? "" };
  const password = randomBytes(12).toString("hex");
  const ports = await freePorts(8);
  const adminKey = newApiKey("ak", "test");

  const local = await localPostgres({ state: { path: folder, id: newUuid() }, port: ports.pop()!, password, path: runtime.path });
  const postgres = new Victim(local.spec);
  await postgres.start();
  await createDatabase(local.url);
  const logins = { api: password, worker: password };
  await migrate({ DATABASE_URL: local.url, SEED: JSON.stringify({ logins }) }, runtime);

  const process_ = (role: Role, more: Record<string, string>): Victim => {
    const managementPort = ports.pop()!;
    const common = { HOST: "127.0.0.1", MANAGEMENT_PORT: String(managementPort) };
    return new Victim(workload({ name: role, role, managementPort, env: { ...common, ...more } } as LocalProcess, runtime));
  };
  const as = (role: LoginRole): string => Object.assign(new URL(local.url), { username: loginOf(role) }).href;
  const [apiPort, simulatorPort] = [ports.pop()!, ports.pop()!];
  const simulatorUrl = `http://127.0.0.1:${simulatorPort}`;
  const providers = JSON.stringify([{ name: "simulator", kind: "simulator", url: simulatorUrl }]);

  const apiEnv = { LOG_LEVEL: "debug", DATABASE_URL: as("api"), ADMIN_KEY_HASH: apiKeyHash(adminKey), ...env };
  const api = process_("api", { PORT: String(apiPort), ...apiEnv });
  const others: Victim[] = withWorker
    ? [
        process_("simulator", { PORT: String(simulatorPort), DATA: join(folder, "simulator") }),
        process_("worker", { POOL: "payments", QUEUES: "payments,refunds", DATABASE_URL: as("worker"), PROVIDERS: providers }),
      ]
    : [];
  await Promise.all([api, ...others].map((one) => one.start()));

  const rows = new pg.Pool({ connectionString: local.url, max: 2 });
  rows.on("error", () => {}); // a test may stop the server
  const url = `http://127.0.0.1:${apiPort}`;
  return {
    url,
    api,
    postgres,
    rows,
    adminKey,
    async admin(method, path, body, headers = {}) {
      const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
      const answer = await fetch(`${url}${path}`, {
        ...sent,
        method,
        headers: { authorization: `Bearer ${adminKey}`, ...sent.headers, ...headers },
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, text, body: text.startsWith("{") ? JSON.parse(text) : {} };
    },
    async anotherApi() {
      const port = ports.pop()!;
      const another = process_("api", { PORT: String(port), ...apiEnv });
      others.push(another);
      await another.start();
      return { url: `http://127.0.0.1:${port}` };
    },
    log: () => api.log,
    async shop() {
      const id = newUuid();
      const keys = (["test", "live"] as const).map((mode) => ({ mode, secret: newApiKey("sk", mode) }));
      const hashed = keys.map(({ mode, secret }) => ({ mode, hash: apiKeyHash(secret) }));
      await seed(local.url, { merchants: [{ id, name: "Shop", keys: hashed }] });
      const [test, live] = keys;
      return new Shop({ url, simulatorUrl, rows, id, bucket: bucketOf(id), secretKey: test!.secret, liveKey: live!.secret });
    },
    async [Symbol.asyncDispose]() {
      await rows.end();
      await Promise.all([api, ...others].map((one) => one.kill()));
      await postgres.kill("SIGQUIT");
      await rm(local.folder, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

// The system chooses; all are held until the last is chosen, so that none comes twice.
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
