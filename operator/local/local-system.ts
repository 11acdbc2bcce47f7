import { join } from "node:path";
import type { PaymentSystem } from "../../crds/payment-system.ts";
import { ports as usualPorts } from "../../workloads/contract.ts";
import type { ReadyLine } from "./card.ts";
import type { Credentials } from "./credentials.ts";
import { type LocalProcess, localProcesses, managementPorts, migration } from "./desired.ts";
import type { Ports } from "./ports.ts";
import { createDatabase, localPostgres, pingPostgres } from "./postgres.ts";
import { localRedis, pingRedis } from "./redis.ts";
import { Refusal } from "./refusal.ts";
import type { StateFolder } from "./state-folder.ts";
import { type ProcessSpec, type Supervised, supervise } from "./supervise.ts";
import { migrate, type WorkloadOptions, workload } from "./workload.ts";

export type LocalOptions = {
  readonly system: PaymentSystem;
  readonly state: StateFolder;
  readonly credentials: Credentials;
  readonly ports: Ports;
  /** The API's port, this one or none; without it, the usual or the next free one. */
  readonly port?: number | undefined;
  /** A database that is there, as its owner; without it, a Postgres of our own. */
  readonly postgresUrl?: string | undefined;
  /** A Redis that is there; without it, one of our own if this machine has the program. `none`: do without. */
  readonly redisUrl?: string | "none" | undefined;
  readonly path: string;
  readonly log: (name: string, chunk: Buffer | string) => void;
  /** After a process was started or ended. */
  readonly changed?: () => void;
  /** Told when another port than the usual one was taken, and why. */
  readonly notice?: (text: string) => void;
  /** Puts in place of a process's environment another one, for trials. */
  readonly adjust?: (process: LocalProcess) => LocalProcess;
};

const serverMs = 60_000; // a database may have to replay its log first
const workloadMs = 30_000;

/** A PaymentSystem as processes on this machine, each started again when it ends, until `stop`. */
export class LocalSystem {
  /** In the order in which they were started. */
  readonly processes = new Map<string, Supervised>();
  #options: LocalOptions;
  #stopped = new AbortController();

  constructor(options: LocalOptions) {
    this.#options = options;
  }

  /** Starts everything and returns when all of it is ready. Throws `Refusal`, also when `stop` is called meanwhile. */
  async start(): Promise<ReadyLine> {
    const { system, state, credentials, ports, adjust = (one: LocalProcess) => one } = this.#options;
    const [databaseUrl, redisUrl] = await Promise.all([this.#postgres(), this.#redis()]);
    const runtime: WorkloadOptions = { cache: state.cache, path: this.#options.path };
    await this.#migrate(databaseUrl, runtime);

    const api =
      this.#options.port === undefined ? await this.#port(usualPorts.api, "API") : (await ports.insistOn(this.#options.port)).port;
    const simulator = await this.#port(usualPorts.simulator, "simulator");
    const management: number[] = [];
    for (let i = 0; i < managementPorts(system); i++) management.push((await ports.take(usualPorts.management + 1)).port);
    const given = {
      credentials,
      databaseUrl,
      redisUrl,
      ports: { api, simulator, management },
      simulatorFolder: join(state.path, "simulator"),
    };
    const processes = localProcesses(system, given).map(adjust);
    await Promise.all(processes.map((one) => this.#run(workload(one, runtime), workloadMs)));

    return {
      ready: true,
      api: `http://127.0.0.1:${api}`,
      secretKey: credentials.secretKey,
      adminKey: credentials.adminKey,
      simulator: `http://127.0.0.1:${simulator}`,
      postgres: databaseUrl,
      redis: redisUrl ?? null,
      docs: new URL("../../docs/", import.meta.url).pathname,
      processes: [...this.processes].map(([name, { pid = 0 }]) => {
        const port = processes.find((one) => one.name === name)?.managementPort;
        return { name, pid, ...(port !== undefined && { metrics: `http://127.0.0.1:${port}/metrics` }) };
      }),
    };
  }

  /** Ends everything, what was started last first: what is in hand is finished, data is kept. */
  async stop(graceMs = 20_000): Promise<void> {
    this.#stopped.abort();
    const running = [...this.processes.values()];
    const servers = running.filter(({ name }) => name === "postgres" || name === "redis");
    await Promise.all(running.filter((one) => !servers.includes(one)).map((one) => one.stop(graceMs)));
    await Promise.all(servers.map((one) => one.stop(graceMs)));
  }

  async #postgres(): Promise<string> {
    const { state, credentials, ports, path, postgresUrl } = this.#options;
    if (postgresUrl !== undefined) {
      await reached("POSTGRES_URL", () => pingPostgres(postgresUrl));
      return postgresUrl;
    }
    const { port } = await ports.take(5433);
    const { spec, url } = await localPostgres({ state, port, password: credentials.postgres.owner, path });
    await this.#run(spec, serverMs);
    await createDatabase(url);
    return url;
  }

  async #redis(): Promise<string | undefined> {
    const { state, credentials, ports, path, redisUrl } = this.#options;
    if (redisUrl === "none") return undefined;
    if (redisUrl !== undefined) {
      await reached("REDIS_URL", () => pingRedis(redisUrl));
      return redisUrl;
    }
    const { port } = await ports.take(6380);
    const redis = localRedis({ state, port, password: credentials.redis, path });
    if (redis) await this.#run(redis.spec, serverMs);
    return redis?.url;
  }

  async #migrate(databaseUrl: string, runtime: WorkloadOptions): Promise<void> {
    const { system, credentials, log } = this.#options;
    this.#stopped.signal.throwIfAborted();
    try {
      log("migrate", await migrate(migration(system, { credentials, databaseUrl }), runtime));
    } catch (cause) {
      const { stdout = "", stderr = "" } = cause as { stdout?: string; stderr?: string };
      log("migrate", stdout + stderr);
      throw new Refusal(`the database could not be brought to this version; ${this.#logOf("migrate")} says why`, { cause });
    }
  }

  async #run(spec: ProcessSpec, withinMs: number): Promise<void> {
    const { log, changed } = this.#options;
    this.#stopped.signal.throwIfAborted();
    const one = supervise(spec, { log: (chunk) => log(spec.name, chunk), ...(changed && { changed }) });
    this.processes.set(spec.name, one);
    changed?.();
    if (await one.ready(withinMs, this.#stopped.signal)) return;
    this.#stopped.signal.throwIfAborted();
    throw new Refusal(`${spec.name} was not ready after ${withinMs / 1000} s; ${this.#logOf(spec.name)} says why`);
  }

  async #port(usual: number, what: string): Promise<number> {
    const { port, owner } = await this.#options.ports.take(usual);
    if (owner) this.#options.notice?.(`port ${usual} is taken by ${owner}: the ${what} is on ${port}`);
    return port;
  }

  #logOf(name: string): string {
    return join(this.#options.state.logs, `${name}.log`);
  }
}

async function reached(variable: string, look: () => Promise<unknown>): Promise<void> {
  try {
    await look();
  } catch (cause) {
    throw new Refusal(
      `${variable} leads nowhere (${(cause as Error).message || (cause as { code?: string }).code}): correct it, or unset it`,
      { cause },
    );
  }
}
