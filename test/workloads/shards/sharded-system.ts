import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { parsePaymentSystem } from "../../../crds/parse-payment-system.ts";
import { apiVersion, kind } from "../../../crds/payment-system.ts";
import { newCredentials } from "../../../operator/local/credentials.ts";
import { type LocalProcess, localProcesses, managementPorts } from "../../../operator/local/desired.ts";
import { Ports } from "../../../operator/local/ports.ts";
import { createDatabase, localPostgres } from "../../../operator/local/postgres.ts";
import { localRedis } from "../../../operator/local/redis.ts";
import { migrate, workload } from "../../../operator/local/workload.ts";
import { type LoginRole, loginOf } from "../../../workloads/contract.ts";
import { newUuid, parsePublicId } from "../../../workloads/payment/id.ts";
import { compileCache, somePort } from "../../support/set-up.ts";
import { Victim } from "../crash/victim.ts";
import type { Effect } from "../simulator/simulator-process.ts";
import { type Answer, ask, Customer } from "./customer.ts";

export type TestShard = {
  readonly postgres: Victim;
  /** As the owner. */
  readonly url: string;
  rows<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
};

/** Real processes on Postgres servers of their own, one for each shard, and a Redis. Merchants are made by the admin, as in life. */
export type ShardedSystem = AsyncDisposable & {
  readonly shards: readonly TestShard[];
  /** By name: api, dispatcher, worker-payments, simulator. */
  process(name: string): Victim;
  management(name: string): string;
  /** What those said that have ended by themselves. */
  ended(): string[];
  /** Makes one more Postgres the last shard, as whoever deploys would: migrated first, then every process is started anew with it. */
  grow(): Promise<void>;
  /** An API as it was before the last shard was added, which has not been replaced yet; where it is found. */
  apiThatKnows(shards: number): Promise<string>;
  admin(method: string, path: string, body?: object): Promise<Answer>;
  customer(name: string): Promise<Customer>;
  shardOf(customer: Customer): Promise<number>;
  effects(): Promise<Effect[]>;
};

export async function startSharded({ shards: count }: { shards: number }): Promise<ShardedSystem> {
  const folder = await mkdtemp(join(tmpdir(), "satang-shards-"));
  await chmod(folder, 0o711); // the databases' user must get through
  const runtime = { cache: compileCache, path: process.env.PATH ?? "" };
  const credentials = newCredentials("test");
  const ports = new Ports();
  const port = async () => (await ports.take(somePort())).port;
  const folders: string[] = [folder];

  const shards: TestShard[] = [];
  async function addShard(): Promise<void> {
    const path = await mkdtemp(join(tmpdir(), "satang-shard-"));
    await chmod(path, 0o711);
    const local = await localPostgres({
      state: { path, id: newUuid() },
      port: await port(),
      password: randomBytes(12).toString("hex"),
      path: runtime.path,
    });
    folders.push(path, local.folder);
    const postgres = new Victim(local.spec);
    await postgres.start();
    await createDatabase(local.url);
    const pool = new pg.Pool({ connectionString: local.url, max: 2 });
    pool.on("error", () => {}); // a test kills the server
    closing.push(() => pool.end());
    shards.push({ postgres, url: local.url, rows: async (text, values = []) => (await pool.query(text, values)).rows });
  }
  const closing: (() => Promise<void>)[] = [];
  for (let shard = 0; shard < count; shard++) await addShard();

  const urlsAs = (role: LoginRole): string[] =>
    shards.map(({ url }) => Object.assign(new URL(url), { username: loginOf(role), password: credentials.postgres[role] }).href);
  const migrated = async () => {
    const [first, ...others] = shards.map(({ url }) => url);
    const { api, dispatcher, worker } = credentials.postgres;
    const SEED = JSON.stringify({ logins: { api, dispatcher, worker } });
    await migrate({ DATABASE_URL: first!, DATABASE_SHARD_URLS: others.join(","), SEED }, runtime);
  };
  await migrated();

  const redis = localRedis({ state: { path: folder }, port: await port(), password: credentials.redis, path: runtime.path })!;
  const parsed = parsePaymentSystem({
    apiVersion,
    kind,
    metadata: { name: "shop" },
    spec: { api: { replicas: { min: 1 }, admission: { requestsPerSecondPerMerchant: 100_000 } } },
  });
  if (!("system" in parsed)) throw new Error(JSON.stringify(parsed.problems));
  const { system } = parsed;
  const given = {
    credentials,
    databaseUrl: shards[0]!.url,
    redisUrl: redis.url,
    simulatorFolder: join(folder, "simulator"),
    ports: {
      api: await port(),
      simulator: await port(),
      management: await Promise.all(Array.from({ length: managementPorts(system) }, port)),
    },
  };
  const running = new Map<string, { victim: Victim; management: string }>();
  const redisServer = new Victim(redis.spec);
  async function startProcesses(): Promise<void> {
    for (const one of localProcesses(system, given)) {
      if (running.has(one.name) && one.role === "simulator") continue;
      const env = one.role === "simulator" ? one.env : { ...one.env, DATABASE_SHARD_URLS: urlsAs(one.role).slice(1).join(",") };
      const victim = new Victim(workload({ ...one, env } as LocalProcess, runtime));
      running.set(one.name, { victim, management: `http://127.0.0.1:${one.managementPort}` });
    }
    await Promise.all([...running.values()].map(({ victim }) => victim.start()));
  }
  await redisServer.start();
  await startProcesses();

  const api = `http://127.0.0.1:${given.ports.api}`;
  const admin = (method: string, path: string, body?: object) => ask(`${api}${path}`, { method, key: credentials.adminKey, body });
  return {
    shards,
    admin,
    async apiThatKnows(known) {
      const { env } = localProcesses(system, given).find(({ role }) => role === "api")!;
      const [apiPort, management] = [await port(), await port()];
      const urls = { DATABASE_SHARD_URLS: urlsAs("api").slice(1, known).join(",") };
      const one = {
        name: "api-before",
        role: "api",
        managementPort: management,
        env: { ...env, ...urls, PORT: String(apiPort), MANAGEMENT_PORT: String(management) },
      };
      const victim = new Victim(workload(one as LocalProcess, runtime));
      running.set(one.name, { victim, management: `http://127.0.0.1:${management}` });
      await victim.start();
      return `http://127.0.0.1:${apiPort}`;
    },
    process: (name) => running.get(name)!.victim,
    management: (name) => running.get(name)!.management,
    ended: () =>
      [...running.values()]
        .filter(({ victim }) => victim.pid === undefined)
        .map(({ victim }) => `${victim.name}: ${victim.log.slice(-8_000)}`),
    async grow() {
      await addShard();
      await migrated();
      const ours = [...running].filter(([name]) => name !== "simulator");
      await Promise.all(ours.map(([, { victim }]) => victim.stop()));
      await startProcesses();
    },
    async customer(name) {
      const { body: merchant } = await admin("POST", "/v1/merchants", { name });
      const { body: key } = await admin("POST", "/v1/api-keys", { merchant: merchant.id });
      return new Customer({ api, merchant: merchant.id, secretKey: key.secret });
    },
    async shardOf({ merchant }) {
      const { bucket } = parsePublicId("merchant", merchant)!;
      const [row] = await shards[0]!.rows<{ shard: number }>("select shard from satang.bucket_shards where bucket = $1", [bucket]);
      return row!.shard;
    },
    async effects() {
      const all: Effect[] = [];
      for (let cursor: number | null = 0; cursor !== null; ) {
        const answer = await fetch(`http://127.0.0.1:${given.ports.simulator}/v1/effects?cursor=${cursor}&limit=10000`);
        const page = (await answer.json()) as { effects: Effect[]; next: number | null };
        all.push(...page.effects);
        cursor = page.next;
      }
      return all;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(closing.map((close) => close()));
      await Promise.all([...running.values()].map(({ victim }) => victim.kill()));
      await Promise.all([redisServer.kill(), ...shards.map(({ postgres }) => postgres.kill("SIGQUIT"))]);
      for (const one of folders) await rm(one, { recursive: true, force: true });
    },
  };
}
