import { z } from "zod";
import { PaymentCache } from "../cache/payment-cache.ts";
import { ports } from "../contract.ts";
import { eventReaders, eventSendersSchema } from "../provider/event-senders.ts";
import { openImpatient } from "../queue/connection.ts";
import { fastPath } from "../queue/fast-path.ts";
import { openHints } from "../queue/hints.ts";
import { merchantReaders } from "../store/merchant-readers.ts";
import { merchantStore } from "../store/merchant-store.ts";
import { openReaders } from "../store/readers.ts";
import { openShards } from "../store/shards.ts";
import { allowPrivateEnv, commonEnv, flag, port, queueEnv, shardUrls, storeEnv, url, urls, whole } from "../telemetry/env.ts";
import { run } from "../telemetry/lifecycle.ts";
import { observeStatements } from "../telemetry/statements.ts";
import { openGates } from "./open-gates.ts";
import { startApi } from "./server.ts";

const replicaUrls = urls({ schemes: ["postgres", "postgresql"], example: "postgres://user:password@replica:5432/satang", most: 63 });
const schema = commonEnv.extend({
  ...storeEnv,
  ...queueEnv,
  DATABASE_REPLICA_URLS: replicaUrls,
  DATABASE_SHARD_REPLICA_URLS: replicaUrls,
  PORT: port(ports.api),
  MODE: z.enum(["test", "live"], { error: "test or live" }).default("test"),
  ADMIN_KEY_HASH: z
    .string()
    .regex(/^[0-9a-f]{64}$/, { error: "the SHA-256 of the admin key, 64 hex digits" })
    .optional(),
  PUBLIC_URL: url({ schemes: ["https", "http"], example: "https://pay.example.com" }).optional(),
  PROVIDER: z.string().max(100).default("simulator"),
  MAX_WAIT_SECONDS: whole({ min: 1, max: 3_600 }).default(60),
  REQUESTS_PER_SECOND_PER_MERCHANT: whole({ min: 1, max: 100_000 }).optional(),
  REQUESTS_IN_FLIGHT_PER_MERCHANT: whole({ min: 1, max: 10_000 }).default(500),
  PROVIDER_EVENT_SECRETS: eventSendersSchema,
  ...allowPrivateEnv,
  SHARE_PORT: flag(),
});

const hintBudgetMs = 100;
// Where there are several shards: longer than a primary takes to be replaced. The others' merchants must not notice that shard 0 has none.
const outlastsMs = 60_000;
// What is looked up there is in Postgres as well.
const redisBudgetMs = 50;

/** Serves the merchants' API. */
export function api(env: NodeJS.ProcessEnv): Promise<void> {
  return run({ role: "api", schema, env }, async ({ env, log, metrics, ready, onStop }) => {
    const urls = shardUrls(env);
    const shards = openShards({
      urls,
      connections: env.DATABASE_POOL,
      applicationName: "satang-api",
      visibilitySeconds: env.VISIBILITY_SECONDS,
      onStatement: observeStatements(metrics),
    });
    onStop("store", shards.close);
    const store = merchantStore(shards);

    const onStateChange = (up: boolean) =>
      log.warn(up ? "Redis takes hints again" : "Redis takes no hints: what is accepted is due at once");
    const hints = openHints({ redisUrl: env.REDIS_URL, queues: ["payments"], budgetMs: hintBudgetMs, onStateChange });
    onStop("hints", hints.close);
    const { hint, isClosed, stop } = fastPath("payments", hints);
    onStop("fast path", stop);

    const readersOf = (url: string, shard: number) =>
      openReaders({
        url,
        replicaUrls: shard === 0 ? env.DATABASE_REPLICA_URLS : env.DATABASE_SHARD_REPLICA_URLS.slice(shard - 1, shard),
        applicationName: "satang-api-readers",
        onReplica: ({ replica, lagSeconds }) =>
          metrics.replicaLag.set({ replica: shard === 0 ? String(replica) : `shard-${shard}/${replica}` }, lagSeconds),
      });
    const readers = merchantReaders(urls.map(readersOf), shards);
    onStop("readers", readers.close);

    const redis = env.REDIS_URL ? openImpatient(env.REDIS_URL, redisBudgetMs) : undefined;
    onStop("redis", async () => redis?.disconnect());
    const { gates, stop: close } = openGates(
      {
        maxWaitSeconds: env.MAX_WAIT_SECONDS,
        requestsPerSecondPerMerchant: env.REQUESTS_PER_SECOND_PER_MERCHANT,
        requestsInFlightPerMerchant: env.REQUESTS_IN_FLIGHT_PER_MERCHANT,
      },
      { shards, redis, metrics },
    );
    onStop("gates", close);

    const serving = await startApi({
      store,
      shards: urls.length,
      outlastsMs: urls.length > 1 ? outlastsMs : 0,
      readers,
      gates,
      payments: new PaymentCache({ store, redis, onRequest: (tier, result) => metrics.cacheRequests.inc({ tier, result }) }),
      hint,
      dueNow: isClosed,
      log,
      metrics,
      provider: env.PROVIDER,
      eventReaders: eventReaders(env.PROVIDER_EVENT_SECRETS),
      mode: env.MODE,
      allowPrivateWebhooks: env.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES,
      adminKeyHash: env.ADMIN_KEY_HASH,
      publicUrl: env.PUBLIC_URL?.replace(/\/+$/, "") ?? "",
      host: env.HOST,
      port: env.PORT,
      sharePort: env.SHARE_PORT,
    });
    onStop("api", serving.close);
    ready("postgres", onceSeen(shards.reachable));
    log.info({ url: serving.url }, "serving");
  });
}

// Only at first: if every API went unready with the primary, clients would meet a closed door instead of 503 and Retry-After.
function onceSeen(look: () => Promise<void>): () => Promise<undefined> {
  let seen = false;
  return async () => {
    if (!seen) await look();
    seen = true;
    return undefined;
  };
}
