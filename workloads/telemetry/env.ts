import { z } from "zod";
import { readSentinelUrl, visibilitySeconds } from "../contract.ts";

/** The environment cannot be run with. The message has one line for each problem: name, what is wrong, how to put it right. */
export class EnvironmentInvalid extends Error {
  override readonly name = "EnvironmentInvalid";
}

/**
 * Reads a process's environment by its schema; an empty variable counts as one that is not set.
 * Throws `EnvironmentInvalid` with every problem at once, and never shows the value of a variable that may hold a secret.
 */
export function readEnv<S extends z.ZodObject>(schema: S, env: Record<string, string | undefined>): z.output<S> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const read = schema.safeParse(set);
  if (read.success) return read.data;
  const lines = new Set(read.error.issues.map((issue) => lineOf(issue, set))); // two items of one list say the same
  throw new EnvironmentInvalid([...lines].join("\n"));
}

// The message of each schema below says what the variable should be, so that it ends this sentence.
function lineOf(issue: z.core.$ZodIssue, set: Record<string, unknown>): string {
  const name = String(issue.path[0] ?? "environment");
  if (!(name in set)) return `${name} is not set: set it to ${issue.message}`;
  return maySaySecrets.test(name)
    ? `${name} is wrong: set it to ${issue.message}`
    : `${name} is ${JSON.stringify(set[name])}: set it to ${issue.message}`;
}

const maySaySecrets = /URL|KEY|TOKEN|SECRET|PASSWORD|PROVIDERS|SEED/;

/** A port; 0 lets the system choose a free one. */
export const port = (otherwise: number) =>
  whole({ min: 0, max: 65_535, what: `a port from 0 to 65535, for instance ${otherwise}` }).default(otherwise);

/** A whole number within bounds; `what` ends the sentence "set it to …". */
export function whole({ min, max, what }: { min: number; max: number; what?: string }) {
  const error = what ?? `a whole number from ${min} to ${max}`;
  return z
    .string({ error })
    .regex(/^\d{1,9}$/, { error, abort: true })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error });
}

/** A URL with one of these schemes. Its value is never shown: it may hold a password. */
export function url({ schemes, example }: { schemes: readonly string[]; example: string }) {
  const error = `a URL like ${example}`;
  return z.string({ error }).refine((value) => URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)), { error });
}

/** A Redis, or a replica set by its Sentinels. */
function redisUrl({ example }: { example: string }) {
  const one = url({ schemes: ["redis", "rediss"], example });
  return z
    .string({ error: `a URL like ${example}` })
    .refine((value) => readSentinelUrl(value) !== undefined || one.safeParse(value).success, { error: `a URL like ${example}` });
}

/** Several such URLs by comma, at most `most`; not set: none. A comma within one is written `%2C`. */
export function urls({ schemes, example, most = 16 }: { schemes: readonly string[]; example: string; most?: number }) {
  const one = url({ schemes, example });
  const error = `URLs by comma, at most ${most}, like ${example}`;
  return z
    .string()
    .default("")
    .transform((text) => (text === "" ? [] : text.split(",").map((part) => part.trim())))
    .pipe(z.array(one, { error }).max(most, { error }));
}

/** A list by comma, of at least one and at most 32 things; blanks around the commas do not count. */
export function list<T extends string>(of: readonly T[], example: string) {
  const error = `a list by comma of ${of.join(", ")}, for instance ${example}`;
  return z
    .string({ error })
    .transform((text) => text.split(",").map((part) => part.trim()))
    .pipe(z.array(z.enum(of, { error }), { error }).min(1, { error }).max(32, { error }))
    .refine((parts) => new Set(parts).size === parts.length, { error: `${error}, each once` });
}

const levels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

/** What every process has. */
export const commonEnv = z.object({
  LOG_LEVEL: z.enum(levels, { error: `one of ${levels.join(", ")}` }).default("info"),
  MANAGEMENT_PORT: port(9090),
  HOST: z.string().default("0.0.0.0"),
});

/** What a process has that speaks to all shards: the primaries of those after the first. */
export const shardUrlsEnv = {
  DATABASE_SHARD_URLS: urls({ schemes: ["postgres", "postgresql"], example: "postgres://user:password@shard-1:5432/satang", most: 63 }),
};

/** The primaries of all shards, in their order. */
export const shardUrls = (env: {
  readonly DATABASE_URL: string;
  readonly DATABASE_SHARD_URLS: readonly string[];
}): [string, ...string[]] => [env.DATABASE_URL, ...env.DATABASE_SHARD_URLS];

/** What a process that speaks to Postgres has, to be spread into its schema: `commonEnv.extend(storeEnv)`. */
export const storeEnv = {
  DATABASE_URL: url({ schemes: ["postgres", "postgresql"], example: "postgres://user:password@host:5432/satang" }),
  ...shardUrlsEnv,
  DATABASE_POOL: whole({ min: 1, max: 100 }).default(8),
  VISIBILITY_SECONDS: whole({ min: 1, max: 600 }).default(visibilitySeconds),
};

/** What a process that speaks to Redis has. Not set: there is no Redis, and Postgres is asked straight. */
export const queueEnv = {
  REDIS_URL: redisUrl({ example: "redis://host:6379, or redis+sentinel://user:password@host:26379,host:26379/name" }).optional(),
};

/** What a process has that judges where webhooks may go. */
export const allowPrivateEnv = { WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: flag() };

/** `true` or `false`; not set: `false`. */
export function flag() {
  return z
    .enum(["true", "false"], { error: "true or false" })
    .default("false")
    .transform((text) => text === "true");
}
