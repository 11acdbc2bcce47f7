import { z } from "zod";
import { claimShard } from "../store/claim-shard.ts";
import { migrate } from "../store/migrate.ts";
import { seed } from "../store/seed.ts";
import { commonEnv, shardUrls, shardUrlsEnv, url } from "../telemetry/env.ts";
import { run } from "../telemetry/lifecycle.ts";

const seedError =
  'JSON like {"logins": {"api": "password"}, "merchants": [{"id": "<uuid>", "name": "Shop", "keys": [{"mode": "test", "hash": "<sha256>"}]}]}';
const password = z.string().min(8).max(200).optional();
const mode = z.enum(["test", "live"]);
const key = z.strictObject({ mode, hash: z.string().regex(/^[0-9a-f]{64}$/) });
const merchant = z.strictObject({ id: z.uuid(), name: z.string().min(1).max(200), keys: z.array(key).max(10) });
const seedSchema = z.strictObject({
  logins: z.strictObject({ api: password, dispatcher: password, worker: password }).optional(),
  merchants: z.array(merchant).max(100).optional(),
});

const schema = commonEnv.extend({
  DATABASE_URL: url({ schemes: ["postgres", "postgresql"], example: "postgres://owner:password@host:5432/satang" }),
  ...shardUrlsEnv,
  SEED: z
    .string()
    .default("{}")
    .transform((text, context) => {
      try {
        return seedSchema.parse(JSON.parse(text));
      } catch {
        context.addIssue({ code: "custom", message: seedError });
        return z.NEVER;
      }
    }),
});

/** Brings every shard to this version and hands out logins and first merchants. Running it again changes nothing but the passwords. */
export function migrateAndSeed(env: NodeJS.ProcessEnv): Promise<void> {
  return run({ role: "migrate", schema, env }, async ({ env, log }) => {
    const urls = shardUrls(env);
    for (const [shard, url] of urls.entries()) {
      const applied = await migrate(url);
      log.info({ shard, applied }, applied.length > 0 ? "migrated" : "the database is at this version already");
      await claimShard(url, shard);
      await seed(url, { logins: env.SEED.logins });
    }
    await seed(env.DATABASE_URL, { merchants: env.SEED.merchants }, urls.length);
    return "done";
  });
}
