import { type LoginRole, loginOf } from "../../workloads/contract.ts";
import { fingerprint } from "../credentials.ts";
import type { System } from "../system.ts";
import type { FromSecret } from "./env.ts";
import type { Given } from "./given.ts";
import { nameOf } from "./names.ts";
import { secretParts } from "./secrets.ts";

/** How one role reaches Postgres and Redis. Passwords are in `before`, to stand in front; they have no letter that a URL would have to quote. */
export interface Stores {
  readonly env: { readonly DATABASE_URL: string; readonly REDIS_URL: string | FromSecret };
  readonly before: Readonly<Record<string, FromSecret>>;
  /** Of all secrets that the role reads. */
  readonly fingerprint: string;
}

export function storesFor(role: LoginRole, given: Given): Stores {
  const { system, credentials, externals } = given;
  const password = "$(DATABASE_PASSWORD)";
  const redis = redisOf(given);
  return {
    env: { DATABASE_URL: asRole(role, ownersUrl(given), password), REDIS_URL: redis.url },
    before: { DATABASE_PASSWORD: { secret: nameOf(system, secretParts.postgres), key: role }, ...redis.before },
    fingerprint: fingerprint(credentials, credentials.postgres[role], externals.redis ?? credentials.redis.password),
  };
}

/** The URL under which lists and reports are read, where there are replicas. */
export function replicaUrls(role: LoginRole, { system, externals }: Given): string | undefined {
  const ofOurs = system.spec.postgres.instances > 1 ? [serverUrl(system, replicasPart)] : [];
  const urls = (externals.database?.replicas ?? ofOurs).map((url) => asRole(role, url, "$(DATABASE_PASSWORD)"));
  return urls.length > 0 ? urls.join(",") : undefined;
}

/** The database's owner, for the migration. */
export function ownersDatabase(given: Given): { url: string | FromSecret; before: Readonly<Record<string, FromSecret>> } {
  const { system, externals } = given;
  if (externals.database) return { url: { secret: system.spec.postgres.secretName ?? "", key: externalKeys.primary }, before: {} };
  return {
    url: ownersUrl(given).replace("://satang@", "://satang:$(OWNER_PASSWORD)@"),
    before: { OWNER_PASSWORD: { secret: nameOf(system, secretParts.postgres), key: "owner" } },
  };
}

/** Keys of the Secrets that a user makes for backends that are not ours. */
export const externalKeys = { primary: "primary", replicas: "replicas", redis: "url" } as const;

/** Services of the replica set: the one that takes writes, and those that do not. */
export const primaryPart = "postgres-primary";
export const replicasPart = "postgres-replicas";
export const databasePort = 5432;
export const redisPort = 6379;
export const sentinelPort = 26379;
/** What Sentinels call the master. */
export const redisMasterName = "satang";
/** Users of Redis and of Sentinel: what processes may do, and what members need to do to each other. */
export const redisLogin = { processes: "satang", members: "member" } as const;

const ownersUrl = ({ system, externals }: Given): string => externals.database?.primary ?? serverUrl(system, primaryPart);

const serverUrl = (system: System, part: string): string => `postgres://satang@${nameOf(system, part)}:${databasePort}/satang`;

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
