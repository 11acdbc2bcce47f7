import { join } from "node:path";
import type { PaymentSystem } from "../../crds/payment-system.ts";
import { ports as defaultPorts, type MigrateEnv, probes } from "../../workloads/contract.ts";
import { logSizes } from "../desired/log-sizes.ts";
import type { ReadyLine } from "./card.ts";
import { complaintOf } from "./complaint.ts";
import { credentialsOf } from "./credentials.ts";
import { type LocalProcess, localProcesses, managementPorts, migration } from "./desired.ts";
import type { Fleet } from "./fleet.ts";
import { maxPort, Ports } from "./ports.ts";
import { createDatabase, localPostgres, pingPostgres } from "./postgres.ts";
import { localRedis, pingRedis } from "./redis.ts";
import { Refusal } from "./refusal.ts";
import type { StateFolder } from "./state-folder.ts";
import { compile, migrate, type WorkloadOptions, workload } from "./workload.ts";

export type LocalOptions = {
  readonly system: PaymentSystem;
  readonly state: StateFolder;
  /** The API's port, if it must be this one. */
  readonly port: number | undefined;
  readonly postgresUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly path: string;
  readonly fleet: Fleet;
  /** Tells a person what was done, with the seconds since the start. */
  readonly say: (text: string) => void;
};

const startMs = 60_000; // a database may have to replay its log first, and the machine may be busy
/** Which ports are wanted. All follow the API's, so that systems on different `--port`s keep out of each other's way. */
const wantedPorts = (api: number = defaultPorts.api) => {
  const beside = (port: number) => ((port + api - defaultPorts.api - 1) % maxPort) + 1;
  return { api, simulator: beside(defaultPorts.simulator), management: beside(4020), postgres: beside(5433), redis: beside(6380) };
};

/** Starts a whole system on this machine and waits until all of it is ready. The answer describes it as it is when asked. */
export async function startLocalSystem(options: LocalOptions): Promise<() => ReadyLine> {
  const { system, state, fleet, say } = options;
  const credentials = credentialsOf(state, system.spec.mode);
  const ports = new Ports();
  const wanted = wantedPorts(options.port);
  const api = options.port === undefined ? await named(ports, wanted.api, "the API", say) : (await ports.insistOn(options.port)).port;
  const simulator = await named(ports, wanted.simulator, "the simulator", say);

  const run: WorkloadOptions = { cache: state.cache, path: options.path };
  // All are waited for, also when one fails: `initdb` must not go on behind the back of a start that was given up.
  const [database, hints] = await Promise.allSettled([
    postgres(options, ports, credentials.postgres.owner),
    redis(options, ports, credentials.redis),
    compile(run),
  ]);
  if (database.status === "rejected") throw database.reason;
  if (hints.status === "rejected") throw hints.reason;
  const [databaseUrl, redisUrl] = [database.value, hints.value];
  await migrated(migration(system, { credentials, databaseUrl }), run);
  say("Database is at this version");

  const management: number[] = [];
  while (management.length < managementPorts(system)) management.push((await ports.hold(wanted.management)).port);
  const simulatorFolder = join(state.path, "simulator");
  const processes = localProcesses(system, { credentials, databaseUrl, redisUrl, simulatorFolder, ports: { api, simulator, management } });
  await ports.release(api, simulator, ...management);
  for (const one of processes) fleet.start(workload(one, run), one.role === "simulator" ? "provider" : "workload");
  await Promise.all(processes.map((one) => fleet.ready(one.name, startMs)));
  say(`Started ${processes.map((one) => one.name).join(", ")}`);

  const apiUrl = `http://127.0.0.1:${api}`;
  return () => ({
    ready: true,
    api: apiUrl,
    secretKey: credentials.secretKey,
    adminKey: credentials.adminKey,
    simulator: `http://127.0.0.1:${simulator}`,
    postgres: databaseUrl,
    redis: redisUrl ?? null,
    docs: `${apiUrl}/docs`,
    processes: fleet.running().map(({ name, pid }) => ({ name, pid, ...metricsOf(processes, name) })),
  });
}

async function postgres(options: LocalOptions, ports: Ports, password: string): Promise<string> {
  const { system, postgresUrl, fleet, state, path, say } = options;
  if (postgresUrl) {
    await answering("POSTGRES_URL", postgresUrl, pingPostgres);
    say("Postgres of POSTGRES_URL answers");
    return postgresUrl;
  }
  const port = await named(ports, wantedPorts(options.port).postgres, "Postgres", say);
  const { storage, parameters } = system.spec.postgres;
  const ours = await localPostgres({ state, port, password, path, settings: { ...logSizes(storage.size), ...parameters } });
  await ports.release(port);
  fleet.start(ours.spec, "postgres");
  await fleet.ready("postgres", startMs);
  await createDatabase(ours.url);
  say(`Postgres ${ours.version}, data in ${ours.folder}`);
  return ours.url;
}

async function redis(options: LocalOptions, ports: Ports, password: string): Promise<string | undefined> {
  const { system, redisUrl, fleet, state, path, say } = options;
  if (redisUrl) {
    await answering("REDIS_URL", redisUrl, pingRedis);
    say("Redis of REDIS_URL answers");
    return redisUrl;
  }
  const port = await named(ports, wantedPorts(options.port).redis, "Redis", say);
  await ports.release(port);
  const ours = localRedis({ state, port, password, path, settings: system.spec.redis.parameters });
  if (!ours) {
    say("No Redis on the PATH: workers take payments straight from Postgres");
    return undefined;
  }
  fleet.start(ours.spec, "redis");
  await fleet.ready("redis", startMs);
  say(`Redis, ${ours.program}`);
  return ours.url;
}

async function named(ports: Ports, wanted: number, what: string, say: (text: string) => void): Promise<number> {
  const { port, owner } = await ports.hold(wanted);
  if (owner) say(`Port ${wanted} is taken by ${owner}: ${what} gets ${port}`);
  return port;
}

async function answering(name: string, url: string, ping: (url: string) => Promise<true>): Promise<void> {
  const fixed = `set ${name} right, or unset it and one is started for you`;
  if (!URL.canParse(url)) throw new Refusal(`${name} is not a URL: ${fixed}`); // and is not shown: it may hold a password
  await ping(url).catch((cause: Error & { code?: string }) => {
    throw new Refusal(`${name} (${new URL(url).host}) does not answer as it should: ${cause.message || cause.code}; ${fixed}`, { cause });
  });
}

async function migrated(env: MigrateEnv, run: WorkloadOptions): Promise<void> {
  await migrate(env, run).catch((cause: { stdout?: string; stderr?: string; message: string }) => {
    const said = `${cause.stdout ?? ""}${cause.stderr ?? ""}`.split("\n");
    throw new Refusal(`the database cannot be brought to this version: ${complaintOf(said) ?? cause.message}`, { cause });
  });
}

function metricsOf(processes: readonly LocalProcess[], name: string): { metrics?: string } {
  const one = processes.find((process) => process.name === name);
  return one ? { metrics: `http://127.0.0.1:${one.managementPort}${probes.metrics}` } : {};
}
