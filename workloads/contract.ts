/** What whoever deploys the workloads promises each process, and what each process promises back: ports, probes, environment, metrics. */

/** A role is the first argument of the image's entry point, `workloads/main.ts`. */
export const roles = ["api", "dispatcher", "worker", "simulator", "migrate"] as const;
export type Role = (typeof roles)[number];
/**
 * In the place of a role: reads them all and ends, so that the folder of `NODE_COMPILE_CACHE` holds them. To be run once before the others,
 * with the same `nodeFlags`: a process that has to strip types itself keeps 11 to 17 MiB for that as long as it lives.
 */
export const compileOnly = "compile";

/**
 * How Node is started: `node ...nodeFlags workloads/main.ts <role>`, with `nodeEnv`. They keep a process under 130 MiB where it would take
 * 200 to 350 under load otherwise; the heap may still grow to 192 MiB before the process dies of a burst. What other flags
 * were tried, and how little is certain about their price, stands in docs/performance.md.
 */
export const nodeFlags = ["--max-semi-space-size=4", "--max-old-space-size=192"] as const;
export const nodeEnv = { MALLOC_ARENA_MAX: "2" } as const;

/** Default ports. `management` serves probes and metrics and is never exposed to merchants. */
export const ports = { api: 4000, simulator: 4010, management: 9090 } as const;

/** Paths of the management port. `/readyz` turns 503 first on SIGTERM; `?verbose` lists each check. */
export const probes = { live: "/livez", ready: "/readyz", startup: "/startupz", metrics: "/metrics" } as const;

/**
 * The dispatcher's answer for an autoscaler: `{ "at": ISO time, "queues": { "<queue>": { "depth": n, "oldestSeconds": s } } }`; no queues, and null, while that is not known.
 * `"shardsAway": [numbers]`: there are several shards, and these could not be counted lately: what is open there is not in the figures.
 */
export const queueDepthPath = "/queues";

/** How long a claim holds an operation, unless `LEASE_SECONDS` says otherwise. */
export const leaseSeconds = 30;
/** How long an accepted or offered operation is left to the workers before it is offered again, unless `VISIBILITY_SECONDS` says otherwise. */
export const visibilitySeconds = 30;
/** How long a provider may take, unless `PROVIDER_TIMEOUT_SECONDS` says otherwise. Well under half the lease: a call must never outlive it. */
export const providerTimeoutSeconds = 10;
/** How long a merchant's receiver may take, unless `WEBHOOK_TIMEOUT_SECONDS` says otherwise. Less than half the lease, as above. */
export const webhookTimeoutSeconds = 10;
/** Seconds before each further try to tell a merchant, unless `WEBHOOK_SCHEDULE_SECONDS` says otherwise: 14 tries in three days. */
export const webhookScheduleSeconds = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 28_800, 43_200, 43_200, 86_400] as const;
/** From SIGTERM: readiness off, what is in hand finishes, connections close. A pod's grace period must be longer. */
export const drainSeconds = providerTimeoutSeconds + 5;

type Common = {
  /** pino level; default `info`. */
  LOG_LEVEL?: string;
  /** Port of probes and metrics; default 9090. */
  MANAGEMENT_PORT?: string;
  /** Address to listen on; default `0.0.0.0`. */
  HOST?: string;
};
type Store = {
  /** `postgres://…` of the primary, as the least role that serves; where there are several shards, of shard 0. */
  DATABASE_URL: string;
  /**
   * The same of shards 1, 2 and on, by comma, in their order; not set: there is one shard. The same for every process of a system, and only
   * once `migrate` was run with them. It may only be added to.
   */
  DATABASE_SHARD_URLS?: string;
  /** Connections of this process to each shard; default 8. */
  DATABASE_POOL?: string;
  /** From 1 to 600; default 30. */
  VISIBILITY_SECONDS?: string;
};
type Queue = {
  /**
   * `redis://…`, `rediss://…`, or a replica set by its Sentinels as `readSentinelUrl` takes it; empty: no Redis, workers take due operations
   * straight from Postgres.
   */
  REDIS_URL?: string;
};

export type ApiEnv = Common &
  Store &
  Queue & {
    /**
     * `postgres://…` of the replicas, by comma, with a login like that of DATABASE_URL: lists and reports are read there. One URL that leads to
     * any of several is fine. Not set: they are read from the primary.
     */
    DATABASE_REPLICA_URLS?: string;
    /** The same of shards 1, 2 and on, one URL for each of DATABASE_SHARD_URLS, in their order. Not set: they are read from their primaries. */
    DATABASE_SHARD_REPLICA_URLS?: string;
    /** Port of the merchants' API; default 4000. */
    PORT?: string;
    /** Keys of which mode are taken; default `test`. */
    MODE?: "test" | "live";
    /** The provider that new payments go to; default `simulator`. */
    PROVIDER?: string;
    /** SHA-256 of the key that runs the system (`apiKeyHash` of `newApiKey("ak", mode)`), 64 hex digits; not set: nobody is the admin. */
    ADMIN_KEY_HASH?: string;
    /** Where merchants find this API, like `https://pay.example.com`: links in answers begin with it. Not set: links are paths. */
    PUBLIC_URL?: string;
    /**
     * JSON: who may post events to `/v1/provider-events/<name>`, and what they sign with:
     * `[{"name": "simulator", "kind": "simulator", "secret": "whsec_…"}]`. Not set: nobody.
     */
    PROVIDER_EVENT_SECRETS?: string;
    /** New payments are refused while they would wait longer than this many seconds, 1 to 3600; default 60. */
    MAX_WAIT_SECONDS?: string;
    /** Requests a second of one merchant, of all API processes together; not set: no bound. */
    REQUESTS_PER_SECOND_PER_MERCHANT?: string;
    /** Requests of one merchant that one process has in hand at once; default 500. */
    REQUESTS_IN_FLIGHT_PER_MERCHANT?: string;
    /** `true`: webhooks may go to private and loopback addresses. The same for API and workers. Default `false`. */
    WEBHOOKS_ALLOW_PRIVATE_ADDRESSES?: string;
    /** `true`: several processes of one machine listen on PORT, and its kernel spreads connections over them (Linux). Default `false`. */
    SHARE_PORT?: string;
  };
export type DispatcherEnv = Common & Store & Queue & { /** Queues to offer and count, by comma. */ QUEUES: string };
export type WorkerEnv = Common &
  Store &
  Queue & {
    /** The pool's name, for logs. */
    POOL: string;
    /** Queues that this pool takes, by comma. */
    QUEUES: string;
    /** Operations in flight at once; default 50. */
    CONCURRENCY?: string;
    /** From 3 to 600, and more than twice the provider's timeout; default 30. */
    LEASE_SECONDS?: string;
    /** From 1 to 120; default 10. */
    PROVIDER_TIMEOUT_SECONDS?: string;
    /** JSON: `[{"name": "simulator", "kind": "simulator", "url": "http://…"}]`. */
    PROVIDERS: string;
    /** Seconds between look-ups of an unknown outcome, by comma; after the last a human decides. Default `2,10,60,300,3600,86400,86400,86400`. */
    RESOLVE_SCHEDULE_SECONDS?: string;
    /** `true`: webhooks may go to private and loopback addresses. The same for API and workers. Default `false`. */
    WEBHOOKS_ALLOW_PRIVATE_ADDRESSES?: string;
    /** Seconds before each further try of a webhook, by comma; after the last it is given up. Default `webhookScheduleSeconds`. */
    WEBHOOK_SCHEDULE_SECONDS?: string;
    /** From 1 to 120, and less than half the lease; default 10. */
    WEBHOOK_TIMEOUT_SECONDS?: string;
    /** DNS servers that know the hosts of webhooks, by comma, `address` or `address:port`; default: those of the machine. */
    WEBHOOK_DNS_SERVERS?: string;
  };
export type SimulatorEnv = Common & {
  PORT?: string;
  /** Folder of the effects, kept over restarts. */
  DATA: string;
  /** Where it posts events, `https://…/v1/provider-events/<name of the provider>`; not set: nobody is told. */
  EVENTS_URL?: string;
  /** What they are signed with, `whsec_…`; the API knows it by PROVIDER_EVENT_SECRETS. */
  EVENTS_SECRET?: string;
};
export type MigrateEnv = Common & {
  /** As the owner of the database; it may create roles. */
  DATABASE_URL: string;
  /** The same of shards 1, 2 and on, as for the other processes. Each is brought to this version before any merchant is placed there. */
  DATABASE_SHARD_URLS?: string;
  /** JSON of a `Seed`; empty: no login users and no merchants are made. */
  SEED?: string;
};

/**
 * What a fresh database needs beside its tables. Running it again changes nothing but the passwords, which become these;
 * a merchant or a key that is there stays as it is.
 */
export type Seed = {
  /** Password of each login user, by the role of the process that connects as it; the user is called `loginOf(role)`. */
  logins?: { [role in LoginRole]?: string | undefined } | undefined;
  /** `id`: a UUID made by whoever deploys, so that the second run finds the merchant. `hash`: `apiKeyHash` of the secret key. */
  merchants?: { id: string; name: string; keys: { mode: "test" | "live"; hash: string }[] }[] | undefined;
};
export type LoginRole = Extract<Role, "api" | "dispatcher" | "worker">;
export const loginOf = (role: LoginRole): string => `satang_${role}_login`;

/** Of a Redis replica set: who knows which of its servers takes writes, and what they call it. The login is that of servers and Sentinels alike. */
export type SentinelAddress = {
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  readonly name: string;
  readonly username?: string;
  readonly password?: string;
};

/** Reads `redis+sentinel://user:password@host:26379,host:26379/name`; `undefined`: it is none. A password has no letter that would have to be quoted. */
export function readSentinelUrl(url: string): SentinelAddress | undefined {
  const { hosts, name, username, password } = sentinelUrl.exec(url)?.groups ?? {};
  if (hosts === undefined || name === undefined) return undefined;
  const sentinels = hosts.split(",").map((one) => {
    const [host = "", port] = one.split(":");
    return { host, port: Number(port) };
  });
  return { sentinels, name, ...(username && { username }), ...(password && { password }) };
}

const sentinelUrl =
  /^redis\+sentinel:\/\/(?:(?<username>[^:@/]*)(?::(?<password>[^:@/]*))?@)?(?<hosts>[a-z\d.-]+:\d{1,5}(?:,[a-z\d.-]+:\d{1,5})*)\/(?<name>[\w.-]+)$/i;

/** Names of metrics, so that autoscalers, alerts and dashboards never spell them again. */
export const metrics = {
  httpRequestDuration: "http_server_request_duration_seconds",
  idempotency: "idempotency_total",
  loadShed: "load_shed_total",
  queueDepth: "satang_queue_depth",
  queueOldest: "satang_queue_oldest_seconds",
  operations: "satang_operations_total",
  operationDuration: "satang_operation_duration_seconds",
  unknownOperations: "satang_unknown_operations",
  unknownOldest: "satang_unknown_oldest_seconds",
  leaseLost: "satang_lease_lost_total",
  reoffered: "satang_reoffered_total",
  batchRows: "satang_batch_rows",
  redisMemory: "satang_redis_memory_ratio",
  shardReachable: "satang_shard_reachable",
  ledgerImbalance: "satang_ledger_imbalance_minor_units",
  replicaLag: "satang_replica_lag_seconds",
  providerRequestDuration: "provider_request_duration_seconds",
  providerBreakerState: "provider_breaker_state",
  cacheRequests: "cache_requests_total",
  providerEvents: "provider_events_total",
  webhookDeliveries: "webhook_deliveries_total",
  databaseOperationDuration: "db_client_operation_duration_seconds",
} as const;
