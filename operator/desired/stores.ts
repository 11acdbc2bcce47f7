import { type LoginRole, loginOf } from "../../workloads/contract.ts";
import { fingerprint } from "../credentials.ts";
import type { System } from "../system.ts";
import { certificateFiles } from "./encryption.ts";
import type { FromSecret } from "./env.ts";
import type { Given } from "./given.ts";
import { nameOf } from "./names.ts";
import { secretParts } from "./secrets.ts";
import { primaryPart, replicasPart, shardPart } from "./shards.ts";

/** How one role reaches Postgres and Redis. Passwords are in `before`, to stand in front; they have no letter that a URL would have to quote. */
export interface Stores {
  readonly env: {
    readonly DATABASE_URL: string;
    readonly DATABASE_SHARD_URLS: string | undefined;
    readonly REDIS_URL: string | FromSecret;
  };
  readonly before: Readonly<Record<string, FromSecret>>;
  /** Of all secrets that the role reads. */
  readonly fingerprint: string;
}

export function storesFor(role: LoginRole, given: Given): Stores {
  const { system, credentials, externals } = given;
  const password = "$(DATABASE_PASSWORD)";
  const redis = redisOf(given);
  return {
    env: {
      DATABASE_URL: asRole(role, ownersUrl(given), password),
      DATABASE_SHARD_URLS: listed(otherShards(given).map((part) => asRole(role, serverUrl(given, primaryPart(part)), password))),
      REDIS_URL: redis.url,
    },
    before: { DATABASE_PASSWORD: { secret: nameOf(system, secretParts.postgres), key: role }, ...redis.before },
    fingerprint: fingerprint(credentials, credentials.postgres[role], externals.redis ?? credentials.redis.password),
  };
}

/** The URLs under which lists and reports are read, where there are replicas. */
export function replicaUrls(
  role: LoginRole,
  given: Given,
): { readonly [name in "DATABASE_REPLICA_URLS" | "DATABASE_SHARD_REPLICA_URLS"]: string | undefined } {
  const { system, externals } = given;
  const ofOurs = (parts: readonly string[]) =>
    system.spec.postgres.instances > 1 ? parts.map((part) => serverUrl(given, replicasPart(part))) : [];
  const urls = (owners: readonly string[]) => listed(owners.map((url) => asRole(role, url, "$(DATABASE_PASSWORD)")));
  return {
    DATABASE_REPLICA_URLS: urls(externals.database?.replicas ?? ofOurs([shardPart(0)])),
    DATABASE_SHARD_REPLICA_URLS: urls(ofOurs(otherShards(given))),
  };
}

/** Every shard's owner, for the migration. */
export function ownersDatabases(given: Given): {
  env: { DATABASE_URL: string | FromSecret; DATABASE_SHARD_URLS?: string | undefined };
  before: Readonly<Record<string, FromSecret>>;
} {
  const { system, externals } = given;
  if (externals.database)
    return { env: { DATABASE_URL: { secret: system.spec.postgres.secretName ?? "", key: externalKeys.primary } }, before: {} };
  const asOwner = (part: string) => serverUrl(given, primaryPart(part)).replace("://satang@", "://satang:$(OWNER_PASSWORD)@");
  return {
    env: { DATABASE_URL: asOwner(shardPart(0)), DATABASE_SHARD_URLS: listed(otherShards(given).map(asOwner)) },
    before: { OWNER_PASSWORD: { secret: nameOf(system, secretParts.postgres), key: "owner" } },
  };
}

/** All but the first of those that a process is told of. */
const otherShards = ({ shards }: Given): string[] => Array.from({ length: shards - 1 }, (_, i) => shardPart(i + 1));

const listed = (urls: readonly string[]): string | undefined => (urls.length > 0 ? urls.join(",") : undefined);

/** Keys of the Secrets that a user makes for backends that are not ours. */
export const externalKeys = { primary: "primary", replicas: "replicas", redis: "url" } as const;

export const databasePort = 5432;
export const redisPort = 6379;
export const sentinelPort = 26379;
/** What Sentinels call the master. */
export const redisMasterName = "satang";
/** Users of Redis and of Sentinel: what processes may do, and what members need to do to each other. */
export const redisLogin = { processes: "satang", members: "member" } as const;

const ownersUrl = (given: Given): string => given.externals.database?.primary ?? serverUrl(given, primaryPart(shardPart(0)));

function serverUrl({ system, encryption }: Given, part: string): string {
  const url = `postgres://satang@${nameOf(system, part)}:${databasePort}/satang`;
  return encryption === "offered" ? url : `${url}?sslmode=verify-full&sslrootcert=${certificateFiles.authorities}`;
}

/** The same database for another login. The password is put in as text, for `URL` would quote the brackets. */
function asRole(role: LoginRole, owners: string, password: string): string {
  const url = new URL(owners);
  url.username = loginOf(role);
  url.password = "";
  return url.href.replace(`${loginOf(role)}@`, `${loginOf(role)}:${password}@`);
}

function redisOf({ system, externals }: Given): { url: string | FromSecret; before: Readonly<Record<string, FromSecret>> } {
  if (externals.redis) return { url: { secret: system.spec.redis.secretName ?? "", key: externalKeys.redis }, before: {} };
  return {
    url: redisUrl(system, `${redisLogin.processes}:$(REDIS_PASSWORD)`),
    before: { REDIS_PASSWORD: { secret: nameOf(system, secretParts.redis), key: "password" } },
  };
}

/** Of several members, who is master is for Sentinels to say. */
function redisUrl(system: System, login: string): string {
  const service = nameOf(system, "redis");
  const { replicas } = system.spec.redis;
  if (replicas === 1) return `redis://${login}@${service}:${redisPort}`;
  const sentinels = Array.from({ length: replicas }, (_, ordinal) => `${service}-${ordinal}.${service}:${sentinelPort}`);
  return `redis+sentinel://${login}@${sentinels.join(",")}/${redisMasterName}`;
}
