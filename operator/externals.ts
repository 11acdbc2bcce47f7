import { readSentinelUrl } from "../workloads/contract.ts";
import type { Externals } from "./desired/given.ts";
import { externalKeys } from "./desired/stores.ts";
import type { Kube } from "./kube/kube.ts";
import type { Finding } from "./status/finding.ts";
import type { System } from "./system.ts";

/** What the Secrets say that a system names, or what is wrong with one of them. They are read at each pass: they carry no label to watch them by. */
export async function externalsOf(kube: Kube, { metadata: { namespace }, spec }: System): Promise<Externals | Finding> {
  const read = async (name: string): Promise<SecretReader> => {
    const secret = await kube.get("Secret", { namespace, name });
    return readerOf(name, secret && (secret.data ?? {}));
  };
  try {
    const { postgres, redis } = spec;
    const database = postgres.backend === "external" ? databaseIn(await read(postgres.secretName ?? "")) : undefined;
    const queue = redis.backend === "external" ? (await read(redis.secretName ?? "")).url(externalKeys.redis, redisUrl) : undefined;
    return { database, redis: queue };
  } catch (error) {
    if (error instanceof SecretUnfit) return error.finding;
    throw error;
  }
}

type UrlKind = { readonly example: string; readonly fits: (url: string) => boolean };
const postgresUrl: UrlKind = {
  example: "postgres://user:password@host/database",
  fits: (url) => leadsBy(url, ["postgres:", "postgresql:"]),
};
const redisUrl: UrlKind = {
  example: "redis://user:password@host:6379, or redis+sentinel://user:password@host:26379,host:26379/name",
  fits: (url) => leadsBy(url, ["redis:", "rediss:"]) || readSentinelUrl(url) !== undefined,
};

function leadsBy(url: string, schemes: readonly string[]): boolean {
  return URL.canParse(url) && schemes.includes(new URL(url).protocol) && new URL(url).hostname !== "";
}

function databaseIn(secret: SecretReader): NonNullable<Externals["database"]> {
  return { primary: secret.url(externalKeys.primary, postgresUrl), replicas: secret.urls(externalKeys.replicas, postgresUrl) };
}

interface SecretReader {
  url(key: string, kind: UrlKind): string;
  /** By comma; none if the key is not there. */
  urls(key: string, kind: UrlKind): string[];
}

class SecretUnfit extends Error {
  readonly finding: Finding;
  constructor(reason: string, message: string) {
    super(message);
    this.finding = { state: "failing", reason, message };
  }
}

function readerOf(name: string, data: { [key: string]: string } | undefined): SecretReader {
  const text = (key: string) =>
    Buffer.from(data?.[key] ?? "", "base64")
      .toString()
      .trim();
  const checked = (key: string, url: string, { example, fits }: UrlKind) => {
    if (fits(url)) return url;
    throw new SecretUnfit(
      "SecretInvalid",
      `Secret ${name} has a key ${key} that is no URL such as ${example}: write one; no restart needed`,
    );
  };
  return {
    url(key, kind) {
      if (!data) throw new SecretUnfit("SecretMissing", `Secret ${name} is not there: create it with the key ${key}; no restart needed`);
      if (!text(key)) throw new SecretUnfit("SecretMissing", `Secret ${name} has no key ${key}: add it; no restart needed`);
      return checked(key, text(key), kind);
    },
    urls: (key, kind) =>
      text(key)
        .split(",")
        .filter(Boolean)
        .map((url) => checked(key, url.trim(), kind)),
  };
}
