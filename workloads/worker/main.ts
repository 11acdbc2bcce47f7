import { randomUUID } from "node:crypto";
import { forgetPayment } from "../cache/shared-payments.ts";
import { type ClaimedOperation, queueOf } from "../payment/operation.ts";
import type { Consequence } from "../provider/outcome.ts";
import { perform } from "../provider/perform.ts";
import { buildProviders } from "../provider/providers.ts";
import { openImpatient } from "../queue/connection.ts";
import { openShards } from "../store/shards.ts";
import type { Store } from "../store/store.ts";
import { shardUrls } from "../telemetry/env.ts";
import { run } from "../telemetry/lifecycle.ts";
import { observeStatements } from "../telemetry/statements.ts";
import { done } from "./done.ts";
import { workerEnv } from "./env.ts";
import { intake } from "./intake.ts";
import { observeOperations, observeProviders } from "./observe.ts";
import { work } from "./work.ts";

// Best effort: what is told there is told for a few seconds.
const redisBudgetMs = 100;

/** Performs the operations of one pool's queues. */
export function worker(env: Record<string, string | undefined>): Promise<void> {
  return run({ role: "worker", schema: workerEnv, env }, async (context) => {
    const { env, log, metrics, ready, onStop } = context;
    const { QUEUES: queues, LEASE_SECONDS: leaseSeconds, PROVIDER_TIMEOUT_SECONDS: timeoutSeconds } = env;
    const shards = openShards({
      urls: shardUrls(env),
      connections: env.DATABASE_POOL,
      applicationName: `satang-worker-${env.POOL}`,
      leaseSeconds,
      visibilitySeconds: env.VISIBILITY_SECONDS,
      onStatement: observeStatements(metrics),
    });
    onStop("store", shards.close);
    const providers = buildProviders(env.PROVIDERS, {
      slots: env.CONCURRENCY,
      timeoutSeconds,
      leaseSeconds,
      observer: observeProviders(metrics),
    });
    onStop("providers", providers.close);

    const circumstances = { schedule: env.RESOLVE_SCHEDULE_SECONDS, now: Date.now, random: Math.random };
    const operations = observeOperations(metrics, log);
    const worker = `${env.POOL}/${randomUUID()}`;
    const onError = (error: unknown) => log.debug({ err: error }, "could not tell what was done");
    const tellings = new Map(shards.all.map((store) => [store, done({ store, worker, onError })]));
    onStop("telling what was done", () => Promise.all([...tellings.values()].map((telling) => telling.stop())));
    const redis = env.REDIS_URL ? openImpatient(env.REDIS_URL, redisBudgetMs) : undefined;
    onStop("redis", async () => redis?.disconnect());

    function onWritten(store: Store, claimed: ClaimedOperation, consequence: Consequence): void {
      operations.onWritten(claimed, consequence);
      if (consequence.kind !== "settle") return;
      tellings.get(store)!.finished(queueOf(claimed.kind));
      // What changes a payment that was done, and that others may have kept: a refund, or a capture that came after it had expired.
      const changesKept = claimed.kind === "refund" || claimed.kind === "capture";
      if (changesKept && redis) forgetPayment(redis, claimed, claimed.paymentId).catch(() => {}); // it is kept for seconds only
    }

    const taking = { shards, redisUrl: env.REDIS_URL, concurrency: env.CONCURRENCY, patienceSeconds: 2 * leaseSeconds };
    const moving = queues.filter((queue) => queue !== "webhooks");
    if (moving.length > 0)
      intake(
        {
          ...taking,
          queues: moving,
          workOn: (ref, store) =>
            work(ref, {
              store,
              perform(claimed) {
                const { provider, retryBudget } = providers.of(claimed.provider);
                return perform(claimed, provider, { ...circumstances, retryBudget });
              },
              ...operations,
              onWritten: (claimed, consequence) => onWritten(store, claimed, consequence),
              leaseSeconds,
              performSeconds: 2 * timeoutSeconds, // a look-up and a call
            }),
        },
        context,
      );
    if (queues.includes("webhooks")) {
      // Only who tells merchants pays for what that takes.
      const { deliveries } = await import("./deliveries.ts");
      const workOn = deliveries(
        {
          slots: env.CONCURRENCY,
          leaseSeconds,
          timeoutSeconds: env.WEBHOOK_TIMEOUT_SECONDS,
          schedule: env.WEBHOOK_SCHEDULE_SECONDS,
          allowPrivate: env.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES,
          dnsServers: env.WEBHOOK_DNS_SERVERS,
          onDone: (store) => tellings.get(store)!.finished("webhooks"),
        },
        context,
      );
      intake({ ...taking, queues: ["webhooks"], workOn }, context);
    }
    ready("postgres", () => shards.anyReachable().then(() => undefined));
  });
}
