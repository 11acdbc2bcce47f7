import { z } from "zod";
import { ports } from "../contract.ts";
import { fastPath } from "../queue/fast-path.ts";
import { openHints } from "../queue/hints.ts";
import { openStore } from "../store/postgres-store.ts";
import { commonEnv, port, queueEnv, storeEnv, url } from "../telemetry/env.ts";
import { run } from "../telemetry/lifecycle.ts";
import { observeStatements } from "../telemetry/statements.ts";
import { startApi } from "./server.ts";

const schema = commonEnv.extend({
  ...storeEnv,
  ...queueEnv,
  PORT: port(ports.api),
  MODE: z.enum(["test", "live"], { error: "test or live" }).default("test"),
  ADMIN_KEY_HASH: z
    .string()
    .regex(/^[0-9a-f]{64}$/, { error: "the SHA-256 of the admin key, 64 hex digits" })
    .optional(),
  PUBLIC_URL: url({ schemes: ["https", "http"], example: "https://pay.example.com" }).optional(),
  PROVIDER: z.string().max(100).default("simulator"),
  SHARE_PORT: z
    .enum(["true", "false"], { error: "true or false" })
    .default("false")
    .transform((text) => text === "true"),
});

const hintBudgetMs = 100;

/** Serves the merchants' API. */
export function api(env: NodeJS.ProcessEnv): Promise<void> {
  return run({ role: "api", schema, env }, async ({ env, log, metrics, ready, onStop }) => {
    const store = openStore({
      url: env.DATABASE_URL,
      connections: env.DATABASE_POOL,
      applicationName: "satang-api",
      visibilitySeconds: env.VISIBILITY_SECONDS,
      onStatement: observeStatements(metrics),
    });
    onStop("store", store.close);

    const onStateChange = (up: boolean) =>
      log.warn(up ? "Redis takes hints again" : "Redis takes no hints: what is accepted is due at once");
    const hints = openHints({ redisUrl: env.REDIS_URL, queues: ["payments"], budgetMs: hintBudgetMs, onStateChange });
    onStop("hints", hints.close);
    const { hint, isClosed, stop } = fastPath("payments", hints);
    onStop("fast path", stop);

    const serving = await startApi({
      store,
      hint,
      dueNow: isClosed,
      log,
      metrics,
      provider: env.PROVIDER,
      mode: env.MODE,
      adminKeyHash: env.ADMIN_KEY_HASH,
      publicUrl: env.PUBLIC_URL?.replace(/\/+$/, "") ?? "",
      host: env.HOST,
      port: env.PORT,
      sharePort: env.SHARE_PORT,
    });
    onStop("api", serving.close);
    ready(
      "postgres",
      onceSeen(() => store.ping()),
    );
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
