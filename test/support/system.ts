import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import pg from "pg";
import { inject } from "vitest";
import { parsePaymentSystem } from "../../crds/parse-payment-system.ts";
import { apiVersion, kind, type PaymentSystem } from "../../crds/payment-system.ts";
import { type LocalProcess, localProcesses, managementPorts } from "../../operator/local/desired.ts";
import { Fleet } from "../../operator/local/fleet.ts";
import { Ports } from "../../operator/local/ports.ts";
import { atDatabase } from "../../operator/local/postgres.ts";
import { localRedis } from "../../operator/local/redis.ts";
import { workload } from "../../operator/local/workload.ts";
import { apiKeyHash, newApiKey } from "../../workloads/api-key.ts";
import type { Role } from "../../workloads/contract.ts";
import { newUuid } from "../../workloads/payment/id.ts";
import { seed } from "../../workloads/store/seed.ts";
import { judge, type Verdict } from "../workloads/crash/judge.ts";
import type { Effect } from "../workloads/simulator/simulator-process.ts";
import { compileCache, somePort } from "./set-up.ts";
import { testFolder } from "./test-folder.ts";

export type SystemOptions = {
  /** `false`: the processes know of no Redis. */
  readonly redis?: boolean;
  /** How many workers the pool has; default 1. */
  readonly workers?: number;
  /** Default: so many that no test meets the bound. */
  readonly requestsPerSecondPerMerchant?: number;
  /** Where a standby will be, that lists and reports are read from; default: there is none. */
  readonly standbyPort?: number;
  /** Which roles run; default all of them. */
  readonly roles?: readonly Role[];
  /** Environment beside or instead of the usual, by role. */
  readonly env?: { readonly [role in Role]?: Readonly<Record<string, string>> };
};

// biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer is what it checks
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: Record<string, any> };
/** With a key of each mode. */
export type Merchant = { readonly secretKey: string; readonly liveKey: string };
type Asking = { readonly headers?: Record<string, string>; readonly merchant?: Merchant };

/** 350 baht, by card. */
export const coffee = { amount: 35_000, currency: "THB", method: { type: "card", token: "tok_visa" } };

const readyMs = 60_000;

/** A whole system of real processes, as local mode would run it, on a database and a Redis of its own. */
export async function startSystem({
  redis = true,
  workers = 1,
  standbyPort,
  roles,
  env = {},
  requestsPerSecondPerMerchant = 100_000,
}: SystemOptions = {}): Promise<TestSystem> {
  const { templateUrl, credentials } = inject("server");
  const folder = testFolder();
  const path = process.env.PATH ?? "";
  const databaseUrl = await cloneOf(templateUrl);
  const fleet = new Fleet({ logs: folder.path });
  const ports = new Ports();
  const port = async (): Promise<number> => (await ports.hold(somePort())).port;

  const redisPort = await port();
  await ports.release(redisPort);
  const server = redis ? localRedis({ state: folder, port: redisPort, password: credentials.redis, path }) : undefined;
  if (server) fleet.start(server.spec, "redis");

  const system = systemOf(workers, requestsPerSecondPerMerchant);
  const management = await Promise.all(Array.from({ length: managementPorts(system) }, port));
  const given = { credentials, databaseUrl, redisUrl: server?.url, simulatorFolder: join(folder.path, "simulator") };
  const [api, simulator] = [await port(), await port()];
  const processes = localProcesses(system, { ...given, ports: { api, simulator, management } })
    .filter((one) => !roles || roles.includes(one.role))
    .map((one) => ({ ...one, env: { ...one.env, ...readsAt(one, standbyPort), ...env[one.role] } }) as LocalProcess);
  await ports.release(api, simulator, ...management);
  for (const one of processes)
    fleet.start(workload(one, { cache: compileCache, path }), one.role === "simulator" ? "provider" : "workload");
  await Promise.all([...(server ? ["redis"] : []), ...processes.map((one) => one.name)].map((name) => fleet.ready(name, readyMs)));

  const merchant = await newMerchant(databaseUrl);
  return new TestSystem({
    fleet,
    folder,
    databaseUrl,
    merchant,
    api: `http://127.0.0.1:${api}`,
    simulator: `http://127.0.0.1:${simulator}`,
    redisUrl: server?.url,
    processes: processes.map(({ name, managementPort }) => ({ name, management: `127.0.0.1:${managementPort}` })),
  });
}

function readsAt({ role, env }: LocalProcess, port: number | undefined): Record<string, string> {
  return role === "api" && port ? { DATABASE_REPLICA_URLS: Object.assign(new URL(env.DATABASE_URL), { port: String(port) }).href } : {};
}

type Parts = {
  fleet: Fleet;
  folder: Disposable;
  databaseUrl: string;
  merchant: Merchant;
  api: string;
  simulator: string;
  redisUrl: string | undefined;
  processes: Running[];
};
/** A process of ours, and `host:port` of its probes and metrics. */
type Running = { readonly name: string; readonly management: string };

/** What a test may ask of a system, and do to it. */
export class TestSystem implements AsyncDisposable {
  readonly api: string;
  readonly databaseUrl: string;
  readonly simulator: string;
  readonly redisUrl: string | undefined;
  readonly processes: readonly Running[];
  #parts: Parts;
  #rows: pg.Pool;
  #accepted = new Map<string, string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.api = parts.api;
    this.simulator = parts.simulator;
    this.redisUrl = parts.redisUrl;
    this.processes = parts.processes;
    this.databaseUrl = parts.databaseUrl;
    this.#rows = new pg.Pool({ connectionString: parts.databaseUrl, max: 2 });
    this.#rows.on("error", () => {}); // the next query tells
  }

  /** `POST /v1/payments`, under a fresh key unless one is given. `wait`: seconds to wait for the outcome. */
  async pay(
    body: unknown,
    { key = randomUUID(), wait, headers = {}, merchant }: Asking & { key?: string; wait?: number } = {},
  ): Promise<Answer> {
    const answer = await this.post("/v1/payments", body, {
      key,
      ...(wait !== undefined && { wait }),
      headers,
      ...(merchant && { merchant }),
    });
    if (answer.status === 201 || answer.status === 202) this.#accepted.set(key, answer.body.id);
    return answer;
  }

  /** Under a fresh key unless one is given. `wait`: seconds to wait for the outcome. */
  post(path: string, body: unknown, { key = randomUUID(), wait, headers = {}, merchant }: Asking & { key?: string; wait?: number } = {}) {
    const prefer = wait === undefined ? {} : { prefer: `wait=${wait}` };
    const sent = { "content-type": "application/json", "idempotency-key": key, ...prefer, ...headers };
    return this.#ask(path, { method: "POST", body: JSON.stringify(body), headers: sent }, merchant);
  }

  get(path: string, { headers = {}, merchant }: Asking = {}): Promise<Answer> {
    return this.#ask(path, { headers }, merchant);
  }

  /** Any other request. */
  send(method: string, path: string, { body, headers = {}, merchant }: Asking & { body?: object } = {}): Promise<Answer> {
    const init = body ? { body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } } : { headers };
    return this.#ask(path, { method, ...init }, merchant);
  }

  /** A merchant beside the first. */
  newMerchant(): Promise<Merchant> {
    return newMerchant(this.databaseUrl);
  }

  async count(table: "payments" | "operations" | "idempotency_keys" | "ledger_entries" | "events"): Promise<number> {
    const [row] = await this.sql<{ n: number }>(`select count(*)::int as n from satang.${table}`);
    return row!.n;
  }

  /** As the owner of the database. */
  async sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.#rows.query<Row>(text, values)).rows;
  }

  /** Every operation for which money moved at the provider, and how often. */
  async effects(): Promise<Effect[]> {
    const all: Effect[] = [];
    for (let cursor: number | null = 0; cursor !== null; ) {
      const answer = await fetch(`${this.simulator}/v1/effects?cursor=${cursor}&limit=10000`);
      const page = (await answer.json()) as { effects: Effect[]; next: number | null };
      all.push(...page.effects);
      cursor = page.next;
    }
    return all;
  }

  /** Sets the provider's faults: `{ unknownRate: 0.05 }`. */
  async behaviour(faults: object): Promise<void> {
    const answer = await fetch(`${this.simulator}/v1/behaviour`, { method: "PUT", body: JSON.stringify(faults) });
    if (!answer.ok) throw new Error(`the simulator refuses ${JSON.stringify(faults)}: ${await answer.text()}`);
  }

  /** The process is started again, as a kubelet would. Names: api, dispatcher, worker-payments, worker-payments-2, simulator, redis. */
  kill(name: string, signal: NodeJS.Signals = "SIGKILL"): void {
    this.#parts.fleet.get(name).kill(signal);
  }

  pid(name: string): number | undefined {
    return this.#parts.fleet.get(name).pid;
  }

  stop(name: string, graceMs = 20_000): Promise<void> {
    return this.#parts.fleet.get(name).stop(graceMs);
  }

  async start(name: string): Promise<void> {
    this.#parts.fleet.get(name).start();
    await this.#parts.fleet.ready(name, readyMs);
  }

  /** Waits until something is so. */
  async until(isSo: () => Promise<boolean>, what: string, withinMs = 30_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!(await isSo())) {
      if (Date.now() > deadline) throw new Error(`not after ${withinMs / 1000} s: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Waits until no operation is open; the error names those that are. */
  async settled(withinMs = 30_000): Promise<void> {
    const openOperations = `select id, kind, state, attempt, due_at, lease_until, last_error, now() from satang.operations
      where is_open and (kind <> 'expire' or state <> 'queued') limit 10`;
    const open = () => this.sql(openOperations);
    const isSettled = async () => (await open().catch(() => [{}])).length === 0; // the server may be busy
    await this.until(isSettled, "no operation is open any more", withinMs).catch(async ({ message }: Error) => {
      throw new Error(`${message}: ${JSON.stringify(await open())}`);
    });
  }

  /** What must hold of everything that was accepted here; `faults` names each thing that does not. */
  invariants(): Promise<Verdict> {
    return judge({ databaseUrl: this.databaseUrl, simulatorUrl: this.simulator, accepted: this.#accepted });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rows.end();
    const stopping = this.#parts.fleet.stop();
    this.#parts.fleet.hurry(); // a test that cares how they stop has stopped them itself
    await stopping;
    await dropDatabase(this.databaseUrl);
    this.#parts.folder[Symbol.dispose]();
  }

  async #ask(path: string, init: RequestInit & { headers: Record<string, string> }, { secretKey } = this.#parts.merchant): Promise<Answer> {
    const answer = await fetch(`${this.api}${path}`, { ...init, headers: { authorization: `Bearer ${secretKey}`, ...init.headers } });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text.startsWith("{") ? JSON.parse(text) : {} };
  }
}

function systemOf(workers: number, requestsPerSecondPerMerchant: number): PaymentSystem {
  const pool = { name: "payments", queues: ["payments", "refunds", "webhooks"], replicas: { min: workers } };
  const parsed = parsePaymentSystem({
    apiVersion,
    kind,
    metadata: { name: "shop" },
    spec: { api: { replicas: { min: 1 }, admission: { requestsPerSecondPerMerchant } }, workers: [pool] },
  });
  if ("system" in parsed) return parsed.system;
  throw new Error(JSON.stringify(parsed.problems));
}

async function newMerchant(databaseUrl: string): Promise<Merchant> {
  const merchant = { secretKey: newApiKey("sk", "test"), liveKey: newApiKey("sk", "live") };
  const keys = [
    { mode: "test" as const, hash: apiKeyHash(merchant.secretKey) },
    { mode: "live" as const, hash: apiKeyHash(merchant.liveKey) },
  ];
  await seed(databaseUrl, { merchants: [{ id: newUuid(), name: "Shop", keys }] });
  return merchant;
}

async function cloneOf(templateUrl: string): Promise<string> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await asOwner(templateUrl, (client) => client.query(`create database ${name} template ${new URL(templateUrl).pathname.slice(1)}`));
  return atDatabase(templateUrl, name);
}

async function dropDatabase(url: string): Promise<void> {
  await asOwner(url, (client) => client.query(`drop database if exists ${new URL(url).pathname.slice(1)} with (force)`));
}

async function asOwner(url: string, use: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: atDatabase(url, "postgres") });
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}
