import { randomUUID } from "node:crypto";
import { forgetPayment } from "../cache/shared-payments.ts";
import { type ClaimedOperation, type OperationRef, queueOf } from "../payment/operation.ts";
import type { Consequence } from "../provider/outcome.ts";
import { perform } from "../provider/perform.ts";
import { buildProviders } from "../provider/providers.ts";
import { openImpatient } from "../queue/connection.ts";
import { take } from "../queue/take.ts";
import { openStore } from "../store/postgres-store.ts";
import { run } from "../telemetry/lifecycle.ts";
import { observeStatements } from "../telemetry/statements.ts";
import { done } from "./done.ts";
import { workerEnv } from "./env.ts";
import { observeOperations, observeProviders } from "./observe.ts";
import { progress } from "./progress.ts";
import { slots } from "./slots.ts";
import { sweep } from "./sweep.ts";
import { work } from "./work.ts";

// Best effort: what is told there is told for a few seconds.
const redisBudgetMs = 100;

/** Performs the operations of one pool's queues. */
export function worker(env: Record<string, string | undefined>): Promise<void> {
  return run({ role: "worker", schema: workerEnv, env }, async ({ env, log, metrics, ready, live, onStop }) => {
    const { QUEUES: queues, LEASE_SECONDS: leaseSeconds, PROVIDER_TIMEOUT_SECONDS: timeoutSeconds } = env;
    const store = openStore({
      url: env.DATABASE_URL,
      connections: env.DATABASE_POOL,
      applicationName: `satang-worker-${env.POOL}`,
      leaseSeconds,
      visibilitySeconds: env.VISIBILITY_SECONDS,
      onStatement: observeStatements(metrics),
    });
    onStop("store", store.close);
    const providers = buildProviders(env.PROVIDERS, {
      slots: env.CONCURRENCY,
      timeoutSeconds,
      leaseSeconds,
      observer: observeProviders(metrics),
    });
    onStop("providers", providers.close);

    const inFlight = slots(env.CONCURRENCY);
    onStop("operations in flight", inFlight.idle);
    const circumstances = { schedule: env.RESOLVE_SCHEDULE_SECONDS, now: Date.now, random: Math.random };
    const operations = observeOperations(metrics, log);
    const worker = `${env.POOL}/${randomUUID()}`;
    const telling = done({ store, worker, onError: (error) => log.debug({ err: error }, "could not tell what was done") });
    onStop("telling what was done", telling.stop);
    const redis = env.REDIS_URL ? openImpatient(env.REDIS_URL, redisBudgetMs) : undefined;
    onStop("redis", async () => redis?.disconnect());

    function onWritten(claimed: ClaimedOperation, consequence: Consequence): void {
      operations.onWritten(claimed, consequence);
      if (consequence.kind !== "settle") return;
      telling.finished(queueOf(claimed.kind));
      // The only operation that changes a payment which others may have kept.
      if (claimed.kind === "refund" && redis) forgetPayment(redis, claimed, claimed.paymentId).catch(() => {}); // it is kept for seconds only
    }

    async function workSafely(ref: OperationRef): Promise<void> {
      try {
        await work(ref, {
          store,
          perform(claimed) {
            const { provider, retryBudget } = providers.of(claimed.provider);
            return perform(claimed, provider, { ...circumstances, retryBudget });
          },
          ...operations,
          onWritten,
          leaseSeconds,
          performSeconds: 2 * timeoutSeconds, // a look-up and a call
        });
      } catch (error) {
        log.warn({ err: error }, "an operation could not be worked on; it is due again by itself");
      } finally {
        going.finished();
      }
    }
    const start = (ref: OperationRef) => inFlight.start(() => workSafely(ref));

    const taker = env.REDIS_URL
      ? take({
          redisUrl: env.REDIS_URL,
          queues,
          start: async (refs) => {
            for (const ref of refs) await start(ref);
          },
          onError: (error) => log.debug({ err: error }, "Redis"),
        })
      : undefined;
    const sweeper = sweep({
      store,
      queues,
      slots: inFlight,
      start,
      hinted: () => taker?.isUp() ?? false,
      onError: (error) => log.warn({ err: error }, "could not look for what is due; trying again"),
    });
    const going = progress({ slots: inFlight, lastLookAt: sweeper.lastStepAt, patienceSeconds: 2 * leaseSeconds });
    onStop("sweep", sweeper.stop);
    if (taker) onStop("hints", taker.close);

    live("progress", going.standstill);
    ready("postgres", () => store.ping().then(() => undefined));
  });
}
