import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import pg from "pg";
import type { LocalProcess } from "../../../operator/local/desired.ts";
import { isFree } from "../../../operator/local/ports.ts";
import { createDatabase, localPostgres } from "../../../operator/local/postgres.ts";
import { localRedis } from "../../../operator/local/redis.ts";
import { migrate, workload } from "../../../operator/local/workload.ts";
import { apiKeyHash, newApiKey } from "../../../workloads/api-key.ts";
import { type LoginRole, loginOf, type Seed } from "../../../workloads/contract.ts";
import { newUuid } from "../../../workloads/payment/id.ts";
import { compileCache, somePort } from "../../support/set-up.ts";
import { testFolder } from "../../support/test-folder.ts";
import { type Gate, openGate } from "./gate.ts";
import { httpProtocol } from "./http-protocol.ts";
import { judge, openOperations, type Verdict } from "./judge.ts";
import { type Merchant, merchant } from "./merchant.ts";
import { postgresProtocol } from "./postgres-protocol.ts";
import { redisProtocol } from "./redis-protocol.ts";
import { Victim } from "./victim.ts";

export type MachineOptions = {
  /** `false`: the processes are told of no Redis. */
  readonly redis?: boolean;
  /** Environment beside or instead of the usual, by role. */
  readonly env?: { readonly [role in "api" | "dispatcher" | "worker"]?: Readonly<Record<string, string>> };
};

/** A whole system of real processes, servers included, of which each may be killed; API, dispatcher and workers speak to the servers through gates. */
export type Machine = {
  readonly postgres: Victim;
  readonly redis: Victim;
  readonly simulator: Victim;
  readonly api: Victim;
  readonly dispatcher: Victim;
  readonly workers: readonly [Victim, Victim];
  readonly gates: {
    readonly api: { readonly postgres: Gate; readonly redis: Gate };
    readonly dispatcher: { readonly postgres: Gate; readonly redis: Gate };
    /** Of each worker its own. */
    readonly workers: readonly [WorkerGates, WorkerGates];
  };
  readonly merchant: Merchant;
  /** Of the owner, past all gates. */
  readonly databaseUrl: string;
  /** Where Redis keeps its data. */
  readonly redisFolder: string;
  readonly simulatorUrl: string;
  /** Starts whatever does not run, but for these. */
  startAll(but?: readonly Victim[]): Promise<void>;
  /** Asks the database as its owner. */
  rows<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Says something to Redis, past all gates. */
  tellRedis(command: string, ...words: string[]): Promise<unknown>;
  behave(behaviour: object): Promise<void>;
  /** Resolves when no operation is open any more; throws when some still are. */
  settled(withinSeconds: number): Promise<void>;
  judge(): Promise<Verdict>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type WorkerGates = { readonly postgres: Gate; readonly redis: Gate; readonly simulator: Gate };

export async function startMachine({ redis: withRedis = true, env = {} }: MachineOptions = {}): Promise<Machine> {
  const testing = testFolder();
  const folder = testing.path;
  const path = process.env.PATH ?? "";
  const runtime = { cache: compileCache, path };
  const password = randomBytes(12).toString("hex");
  const ports = await freePorts(9);
  const port = (): number => ports.pop()!;

  const postgresSpec = await localPostgres({ state: { path: folder, id: newUuid() }, port: port(), password, path });
  const redisAt = port();
  const redisSpec = localRedis({ state: { path: folder }, port: redisAt, password, path });
  if (!redisSpec) throw new Error("these tests need a Redis: install redis-server, or valkey-server");
  const [postgres, redis] = [new Victim(postgresSpec.spec), new Victim(redisSpec.spec)];
  await Promise.all([postgres.start(), redis.start()]);

  const secretKey = newApiKey("sk", "test");
  const seed: Seed = {
    logins: { api: password, dispatcher: password, worker: password },
    merchants: [{ id: newUuid(), name: "Shop", keys: [{ mode: "test", hash: apiKeyHash(secretKey) }] }],
  };
  await createDatabase(postgresSpec.url);
  await migrate({ DATABASE_URL: postgresSpec.url, SEED: JSON.stringify(seed) }, runtime);

  const simulatorAt = port();
  const postgresAt = { host: "127.0.0.1", port: Number(new URL(postgresSpec.url).port) };
  const redisGate = () => openGate(redisProtocol, { host: "127.0.0.1", port: redisAt });
  const postgresGate = () => openGate(postgresProtocol, postgresAt);
  const workerGates = async (): Promise<WorkerGates> => ({
    postgres: await postgresGate(),
    redis: await redisGate(),
    simulator: await openGate(httpProtocol, { host: "127.0.0.1", port: simulatorAt }),
  });
  const gates = {
    api: { postgres: await postgresGate(), redis: await redisGate() },
    dispatcher: { postgres: await postgresGate(), redis: await redisGate() },
    workers: [await workerGates(), await workerGates()],
  } as const;

  const simulatorUrl = `http://127.0.0.1:${simulatorAt}`;
  const apiAt = port();
  const victim = (
    name: string,
    make: (common: { HOST: string; MANAGEMENT_PORT: string }) => Pick<LocalProcess, "role" | "env">,
  ): Victim => {
    const managementPort = port();
    const made = make({ HOST: "127.0.0.1", MANAGEMENT_PORT: String(managementPort) });
    return new Victim(workload({ ...made, name, managementPort } as LocalProcess, runtime));
  };
  const stores = (role: LoginRole, through: { postgres: Gate; redis: Gate }) => {
    const database = new URL(postgresSpec.url);
    database.username = loginOf(role);
    return {
      DATABASE_URL: through.postgres.through(database.href),
      REDIS_URL: withRedis ? through.redis.through(redisSpec.url) : "",
      ...env[role],
    };
  };
  const simulator = victim("simulator", (common) => ({
    role: "simulator",
    env: { ...common, PORT: String(simulatorAt), DATA: join(folder, "simulator") },
  }));
  const api = victim("api", (common) => ({ role: "api", env: { ...common, PORT: String(apiAt), ...stores("api", gates.api) } }));
  const dispatcher = victim("dispatcher", (common) => ({
    role: "dispatcher",
    env: { ...common, QUEUES: "payments,refunds", ...stores("dispatcher", gates.dispatcher) },
  }));
  const worker = (through: WorkerGates, index: number): Victim =>
    victim(`worker-${index}`, (common) => ({
      role: "worker",
      env: {
        ...common,
        POOL: "payments",
        QUEUES: "payments,refunds",
        PROVIDERS: providers(through.simulator.through(simulatorUrl)),
        ...stores("worker", through),
      },
    }));
  const pool = [worker(gates.workers[0], 1), worker(gates.workers[1], 2)] as const;
  const all = [postgres, redis, simulator, api, dispatcher, ...pool];
  const asking = merchant({ url: `http://127.0.0.1:${apiAt}`, secretKey });

  const machine: Machine = {
    ...{ postgres, redis, simulator, api, dispatcher, workers: pool, gates, merchant: asking, simulatorUrl },
    databaseUrl: postgresSpec.url,
    redisFolder: join(folder, "redis"),
    async startAll(but = []) {
      await Promise.all([postgres.start(), redis.start()]); // the others are ready only with these
      await Promise.all(all.filter((one) => !but.includes(one)).map((one) => one.start()));
    },
    async rows<Row extends object>(sql: string, values: unknown[] = []) {
      const client = new pg.Client({ connectionString: postgresSpec.url });
      await client.connect();
      try {
        return (await client.query<Row>(sql, values)).rows;
      } finally {
        await client.end();
      }
    },
    async tellRedis(command, ...words) {
      const client = new Redis(redisSpec.url);
      try {
        return await client.call(command, ...words);
      } finally {
        client.disconnect();
      }
    },
    async behave(behaviour) {
      const answer = await fetch(`${simulatorUrl}/v1/behaviour`, { method: "PUT", body: JSON.stringify(behaviour) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    async settled(withinSeconds) {
      const until = performance.now() + withinSeconds * 1000;
      for (;;) {
        const open = await openOperations(postgresSpec.url);
        if (open === 0) return;
        if (performance.now() > until) throw new Error(`${open} operations are still open after ${withinSeconds} s`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    judge: () => judge({ databaseUrl: postgresSpec.url, simulatorUrl, accepted: asking.accepted }),
    async [Symbol.asyncDispose]() {
      await asking.close();
      await Promise.all(all.map((one) => one.kill(one === postgres ? "SIGQUIT" : "SIGKILL")));
      for (const gate of [gates.api, gates.dispatcher, ...gates.workers].flatMap((of) => Object.values(of)))
        await gate[Symbol.asyncDispose]();
      await rm(postgresSpec.folder, { recursive: true, force: true });
      testing[Symbol.dispose]();
    },
  };
  return machine;
}

const providers = (url: string): string => JSON.stringify([{ name: "simulator", kind: "simulator", url }]);

async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = somePort();
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}
