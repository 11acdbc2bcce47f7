import { queueDepthPath } from "../contract.ts";
import { queues } from "../payment/operation.ts";
import { openHints } from "../queue/hints.ts";
import { loop } from "../queue/loop.ts";
import { openStore } from "../store/postgres-store.ts";
import type { Offered } from "../store/store.ts";
import { commonEnv, list, queueEnv, storeEnv } from "../telemetry/env.ts";
import { run } from "../telemetry/lifecycle.ts";
import { observeStatements } from "../telemetry/statements.ts";
import { countDepth, type DepthReport } from "./depth.ts";
import { Drain } from "./drain.ts";
import { forgetting } from "./forgetting.ts";
import { keepingBooks } from "./keep-books.ts";
import { offerDue } from "./offer-due.ts";
import { pace } from "./pace.ts";

const schema = commonEnv.extend({ ...storeEnv, ...queueEnv, QUEUES: list(queues, "payments,refunds") });

const offerPauseMs = 250;
const countPauseMs = 2_000;
/** Autoscalers take a count for unknown after 15 s, and a burst is when they are needed. */
const longestCountPauseMs = 8_000;
const oldMs = 15_000;
const stuckSeconds = 60;

/** Offers what is due again, tells how deep the queues are, and keeps the books. Several may run: two that look at once never get the same row. */
export function dispatcher(env: Record<string, string | undefined>): Promise<void> {
  return run({ role: "dispatcher", schema, env }, async ({ env, log, metrics, ready, live, route, onStop }) => {
    const store = openStore({
      url: env.DATABASE_URL,
      connections: env.DATABASE_POOL,
      applicationName: "satang-dispatcher",
      visibilitySeconds: env.VISIBILITY_SECONDS,
      onStatement: observeStatements(metrics),
    });
    onStop("store", store.close);
    const onStateChange = (up: boolean) => log.warn(up ? "Redis takes hints again" : "Redis takes no hints: workers look for themselves");
    const hints = openHints({ redisUrl: env.REDIS_URL, queues: env.QUEUES, budgetMs: 1_000, onStateChange });
    onStop("hints", hints.close);

    const onOffered = (refs: readonly Offered[]) => {
      for (const { stale } of refs) metrics.reoffered.inc({ reason: stale ? "lease_ended" : "due" });
    };
    for (const queue of env.QUEUES) {
      const deps = { store, hints, pace: pace(() => performance.now()), onOffered };
      const offering = loop({
        step: async () => ((await offerDue(queue, deps)) > 0 ? 0 : offerPauseMs),
        pauseOnErrorMs: 1_000,
        onError: (error) => log.warn({ err: error, queue }, "could not offer what is due; trying again"),
      });
      onStop(`offering ${queue}`, offering.stop);
      live(`offering ${queue}`, () => stuck(offering.lastStepAt()));
    }

    const drain = new Drain(() => performance.now());
    let report: DepthReport | undefined;
    const counting = loop({
      async step() {
        const start = performance.now();
        report = await countDepth(env.QUEUES, { store, metrics, drain });
        const pauseMs = 10 * (performance.now() - start); // a long count must not become the load
        return Math.min(longestCountPauseMs, Math.max(countPauseMs, pauseMs));
      },
      pauseOnErrorMs: countPauseMs,
      onError: (error) => log.warn({ err: error }, "could not count the queues; trying again"),
    });
    onStop("counting", counting.stop);
    onStop("books", keepingBooks({ url: env.DATABASE_URL, log, metrics }).stop);
    if (env.QUEUES.includes("webhooks"))
      onStop("forgetting deliveries", forgetting("deliveries", { forgetOld: store.webhooks.forgetOld, log }).stop);
    onStop("forgetting providers' events", forgetting("events of providers", { forgetOld: store.providerEvents.forgetOld, log }).stop);
    // What is old is not told: not every autoscaler looks when it was counted.
    route(queueDepthPath, () => (report && Date.now() - Date.parse(report.at) < oldMs ? report : { at: null, queues: {} }));
    ready("postgres", () => store.ping().then(() => undefined));
  });
}

const stuck = (lastStepAt: number): string | undefined =>
  performance.now() - lastStepAt > stuckSeconds * 1000 ? `no step in ${stuckSeconds} s` : undefined;
