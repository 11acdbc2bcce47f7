import { createHmac } from "node:crypto";
import type { PaymentSystem, WorkerPool } from "../../crds/payment-system.ts";
import { apiKeyHash } from "../../workloads/api-key.ts";
import {
  type ApiEnv,
  type DispatcherEnv,
  type LoginRole,
  loginOf,
  type MigrateEnv,
  type Seed,
  type SimulatorEnv,
  type WorkerEnv,
} from "../../workloads/contract.ts";
import type { Credentials } from "./credentials.ts";

/** A process of ours that shall run on this machine; `env` is what the contract of its role asks for. */
export type LocalProcess = { readonly name: string; readonly managementPort: number } & (
  | { readonly role: "api"; readonly env: ApiEnv }
  | { readonly role: "dispatcher"; readonly env: DispatcherEnv }
  | { readonly role: "worker"; readonly env: WorkerEnv }
  | { readonly role: "simulator"; readonly env: SimulatorEnv }
);

/** What this machine gave. */
export type Given = {
  readonly credentials: Credentials;
  /** `postgres://` of the database, as its owner. */
  readonly databaseUrl: string;
  /** `undefined`: no Redis; the workers take what is due straight from Postgres. */
  readonly redisUrl: string | undefined;
  readonly ports: { readonly api: number; readonly simulator: number; readonly management: readonly number[] };
  /** The simulator's record of effects. */
  readonly simulatorFolder: string;
};

/** How many management ports `localProcesses` needs. */
export const managementPorts = (system: PaymentSystem): number =>
  2 + apis(system) + system.spec.workers.reduce((sum, pool) => sum + workersOf(pool), 0);

// Several share one port, and the kernel spreads connections over them: only Linux does.
const apis = ({ spec }: PaymentSystem): number => (process.platform === "linux" ? spec.api.replicas.min : 1);

/** Nothing here starts the first one when work comes. */
const workersOf = ({ replicas }: WorkerPool): number => Math.max(1, replicas.min);

/** A PaymentSystem as processes: API and pools with their fewest replicas, one dispatcher, one simulator. */
export function localProcesses(system: PaymentSystem, given: Given): LocalProcess[] {
  const management = given.ports.management.values();
  const next = (): { managementPort: number; common: { HOST: string; MANAGEMENT_PORT: string } } => {
    const managementPort = management.next().value;
    if (managementPort === undefined) throw new Error("fewer management ports than processes");
    return { managementPort, common: { HOST: "127.0.0.1", MANAGEMENT_PORT: String(managementPort) } };
  };
  return [
    simulator(system, given, next()),
    ...Array.from({ length: apis(system) }, (_, i) => api(system, i, given, next())),
    dispatcher(system, given, next()),
    ...system.spec.workers.flatMap((pool) => Array.from({ length: workersOf(pool) }, (_, i) => worker(system, pool, i, given, next()))),
  ];
}

/** What brings the database to this version, before any process starts, and hands out its logins and the first merchant. */
export function migration(system: PaymentSystem, { credentials, databaseUrl }: Pick<Given, "credentials" | "databaseUrl">): MigrateEnv {
  const { api, dispatcher, worker } = credentials.postgres;
  const seed: Seed = {
    logins: { api, dispatcher, worker },
    merchants: [
      {
        id: credentials.merchantId,
        name: system.metadata.name,
        keys: [{ mode: system.spec.mode, hash: apiKeyHash(credentials.secretKey) }],
      },
    ],
  };
  return { DATABASE_URL: databaseUrl, SEED: JSON.stringify(seed) };
}

const numbered = (name: string, index: number): string => (index === 0 ? name : `${name}-${index + 1}`);

type Slot = { readonly managementPort: number; readonly common: { HOST: string; MANAGEMENT_PORT: string } };

function simulator({ spec }: PaymentSystem, given: Given, { managementPort, common }: Slot): LocalProcess {
  const env: SimulatorEnv = {
    ...common,
    PORT: String(given.ports.simulator),
    DATA: given.simulatorFolder,
    EVENTS_URL: `http://127.0.0.1:${given.ports.api}/v1/provider-events/${spec.providers[0]!.name}`,
    EVENTS_SECRET: eventsSecret(given),
  };
  return { name: "simulator", role: "simulator", managementPort, env };
}

// Made from another, so that a state folder of an earlier version has it too.
function eventsSecret({ credentials }: Given): string {
  return `whsec_${createHmac("sha256", credentials.adminKey).update("provider events").digest("base64")}`;
}

function api(system: PaymentSystem, index: number, given: Given, { managementPort, common }: Slot): LocalProcess {
  const { spec } = system;
  const env: ApiEnv = {
    ...common,
    ...stores("api", given),
    PORT: String(given.ports.api),
    MODE: spec.mode,
    ADMIN_KEY_HASH: apiKeyHash(given.credentials.adminKey),
    PUBLIC_URL: `http://127.0.0.1:${given.ports.api}`,
    PROVIDER: spec.providers[0]!.name,
    PROVIDER_EVENT_SECRETS: JSON.stringify(spec.providers.map(({ name, kind }) => ({ name, kind, secret: eventsSecret(given) }))),
    MAX_WAIT_SECONDS: String(spec.api.admission.maxWaitSeconds),
    REQUESTS_PER_SECOND_PER_MERCHANT: String(spec.api.admission.requestsPerSecondPerMerchant),
    WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: "true",
    SHARE_PORT: String(apis(system) > 1),
  };
  return { name: numbered("api", index), role: "api", managementPort, env };
}

function dispatcher({ spec }: PaymentSystem, given: Given, { managementPort, common }: Slot): LocalProcess {
  const queues = [...new Set(spec.workers.flatMap((pool) => pool.queues))];
  return {
    name: "dispatcher",
    role: "dispatcher",
    managementPort,
    env: { ...common, ...stores("dispatcher", given), QUEUES: queues.join(",") },
  };
}

function worker({ spec }: PaymentSystem, pool: WorkerPool, index: number, given: Given, { managementPort, common }: Slot): LocalProcess {
  const url = `http://127.0.0.1:${given.ports.simulator}`;
  const env: WorkerEnv = {
    ...common,
    ...stores("worker", given),
    POOL: pool.name,
    QUEUES: pool.queues.join(","),
    CONCURRENCY: String(pool.concurrency),
    PROVIDERS: JSON.stringify(spec.providers.map(({ name, kind }) => ({ name, kind, url }))),
    WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: "true", // receivers that are tried out run on this machine
  };
  return { name: numbered(`worker-${pool.name}`, index), role: "worker", managementPort, env };
}

function stores(role: LoginRole, { credentials, databaseUrl, redisUrl }: Given): { DATABASE_URL: string; REDIS_URL: string } {
  const url = new URL(databaseUrl);
  url.username = loginOf(role);
  url.password = credentials.postgres[role];
  return { DATABASE_URL: url.href, REDIS_URL: redisUrl ?? "" };
}
