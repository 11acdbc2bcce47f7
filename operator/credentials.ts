import { createHash, createHmac, randomBytes } from "node:crypto";
import { newApiKey, readApiKey } from "../workloads/api-key.ts";
import type { System } from "./system.ts";

/**
 * Every secret of a system, as it stands in its Secrets. They are made once; from then on what is in the Secrets counts, whoever wrote it. A key that
 * is missing there is made anew.
 */
export interface Credentials {
  readonly keys: { readonly secretKey: string; readonly adminKey: string; readonly merchantId: string };
  /** Of the database's owner, of our processes, and of the members of the replica set among each other. */
  readonly postgres: { readonly [login in PostgresLogin]: string };
  /** Of our processes, and of the members of the replica set among each other. */
  readonly redis: { readonly password: string; readonly members: string };
  /** What the simulator signs its events with. */
  readonly events: { readonly secret: string };
}
type PostgresLogin = "owner" | "api" | "dispatcher" | "worker" | "replicator" | "rewinder" | "patroni";

/** A Secret's `data` by the part that it belongs to, where it is there. */
export type SecretData = { readonly [part in keyof Credentials]?: { readonly [key: string]: string } | undefined };

export function credentialsIn({ metadata, spec: { mode } }: Pick<System, "metadata" | "spec">, data: SecretData): Credentials {
  const found = (part: keyof Credentials, key: string, make: () => string) => {
    const encoded = data[part]?.[key];
    return encoded ? Buffer.from(encoded, "base64").toString() : make();
  };
  return {
    keys: {
      secretKey: found("keys", "secretKey", () => newApiKey("sk", mode)),
      adminKey: found("keys", "adminKey", () => newApiKey("ak", mode)),
      merchantId: found("keys", "merchantId", () => firstMerchant(metadata)),
    },
    postgres: {
      owner: found("postgres", "owner", word),
      api: found("postgres", "api", word),
      dispatcher: found("postgres", "dispatcher", word),
      worker: found("postgres", "worker", word),
      replicator: found("postgres", "replicator", word),
      rewinder: found("postgres", "rewinder", word),
      patroni: found("postgres", "patroni", word),
    },
    redis: { password: found("redis", "password", word), members: found("redis", "members", word) },
    events: { secret: found("events", "secret", () => `whsec_${randomBytes(32).toString("base64")}`) },
  };
}

/** Why these credentials cannot serve this system; `undefined`: they can. */
export function credentialsProblem(
  { spec: { mode } }: Pick<System, "spec">,
  { keys }: Credentials,
  secretName: string,
): string | undefined {
  const of = readApiKey(keys.secretKey);
  if (!of || !readApiKey(keys.adminKey))
    return `Secret ${secretName} holds a key that is none of ours: put the old one back, or delete that entry and a new key is made`;
  if (of.mode !== mode)
    return `Secret ${secretName} and its volumes are of a system with mode: ${of.mode}, so mode: ${mode} would mix test payments with live books: set mode: ${of.mode}, or take another name`;
  return undefined;
}

/** Changes when one of these secrets does, and tells nothing of them: pods that read them are then started anew. */
export const fingerprint = ({ keys }: Credentials, ...secrets: readonly string[]): string =>
  createHmac("sha256", keys.adminKey).update(JSON.stringify(secrets)).digest("hex").slice(0, 16);

// 192 random bits in letters that need no quoting in a URL, a shell or a configuration file.
const word = (): string => randomBytes(24).toString("hex");

/** A UUID that stays the same when the Secret is lost: its payments are found again by the new key. */
function firstMerchant({ namespace, name }: System["metadata"]): string {
  const bytes = createHash("sha256").update(`${namespace}/${name}`).digest();
  bytes[6] = (bytes[6]! & 0x0f) | 0x80; // version 8: made by a rule of our own
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex", 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
