import { queueDepthPath } from "../contract.ts";
import { queues } from "../payment/operation.ts";
import { openHints } from "../queue/hints.ts";
import { watchMemory } from "../queue/watch-memory.ts";
import { openShards } from "../store/shards.ts";
import { commonEnv, list, queueEnv, shardUrls, storeEnv } from "../telemetry/env.ts";
import { run } from "../telemetry/lifecycle.ts";
import { observeStatements } from "../telemetry/statements.ts";
import { Counts } from "./counts.ts";
import { imbalanceOf } from "./imbalance.ts";
import { pace } from "./pace.ts";
import { serveShard } from "./serve-shard.ts";

const schema = commonEnv.extend({ ...storeEnv, ...queueEnv, QUEUES: list(queues, "payments,refunds") });

/** Offers what is due again, tells how deep the queues are, and keeps the books. Several may run: two that look at once never get the same row. */
export function dispatcher(env: Record<string, string | undefined>): Promise<void> {
  return run({ role: "dispatcher", schema, env }, async ({ env, log, metrics, ready, live, route, onStop }) => {
    const urls = shardUrls(env);
    const shards = openShards({
      urls,
      connections: env.DATABASE_POOL,
      applicationName: "satang-dispatcher",
      visibilitySeconds: env.VISIBILITY_SECONDS,
      onStatement: observeStatements(metrics),
    });
    onStop("store", shards.close);
    const onStateChange = (up: boolean) => log.warn(up ? "Redis takes hints again" : "Redis takes no hints: workers look for themselves");
    const hints = openHints({ redisUrl: env.REDIS_URL, queues: env.QUEUES, budgetMs: 1_000, onStateChange });
    onStop("hints", hints.close);

    if (env.REDIS_URL !== undefined) {
      const onTold = (ratio: number | undefined) => (ratio === undefined ? metrics.redisMemory.remove() : metrics.redisMemory.set(ratio));
      onStop("watching the memory of Redis", watchMemory({ redisUrl: env.REDIS_URL, onTold }).stop);
    }

    const paces = new Map(env.QUEUES.map((queue) => [queue, pace(() => performance.now())]));
    const counts = new Counts({ shards: urls.length, metrics, now: Date.now });
    const imbalance = imbalanceOf(urls.length, metrics.ledgerImbalance);
    for (const [number, store] of shards.all.entries()) {
      const onBooksChecked = (offBy: number | undefined) => imbalance(number, offBy);
      const deps = { log, metrics, live, onStop, shards: urls.length, hints, paces, counts, onBooksChecked };
      serveShard({ number, store, url: urls[number]! }, deps);
    }
    // What is old is not told: not every autoscaler looks when it was counted.
    route(queueDepthPath, () => counts.report());
    ready("postgres", () => shards.anyReachable().then(() => undefined));
  });
}
