import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import { readApiKey } from "../api-key.ts";
import type { Mode } from "../payment/payment.ts";
import type { AccessStore, FoundKey } from "../store/access.ts";
import { StoreUnavailable, type Tenant } from "../store/store.ts";
import { type Fault, Refusal } from "./problem.ts";

/** Who asks: a merchant by one of his keys, whose `scopes` are all that it may (`undefined`: everything of his), or the admin. */
export type Caller =
  | { readonly kind: "merchant"; readonly tenant: Tenant; readonly keyId: string; readonly scopes: ReadonlySet<string> | undefined }
  | { readonly kind: "admin" };

/** Finds out who asks, by `Authorization: Bearer sk_…`, or Basic with the key as the user. Refuses whoever is nobody. */
export type Authenticate = (request: IncomingMessage) => Caller | Promise<Caller>;

export type AuthenticateDeps = {
  readonly store: { readonly access: Pick<AccessStore, "keyByHash" | "noteUse"> };
  readonly mode: Mode;
  /** SHA-256 of the admin key, 64 hex digits; `undefined`: nobody is the admin. */
  readonly adminKeyHash: string | undefined;
  /** How many shards this process was given. */
  readonly shards: number;
  /**
   * How long a key that worked goes on to while the store cannot be asked. 0: not at all, for then nothing else could be served either. Where
   * merchants live on several shards, they should not depend on the one that keeps the keys.
   */
  readonly outlastsMs: number;
};

// A revoked key works for no longer than this after the look-up began that still found it good: everywhere refused within five seconds.
const knownMs = 4_000;
// What is refused is looked at again sooner, so that a new key, or a merchant who is let in again, waits no longer than this.
const refusedMs = 1_000;
// Keys in use are noted to the hour.
const useIsNotedMs = 3_600_000;

// A store that is away is not waited for longer than this by whoever may go on without.
const patienceMs = 1_000;

type Known = { readonly caller: Caller; readonly expiresAt: number };

/** Answers from memory where it can, and asks the store once for all who come with the same key meanwhile. */
export function authenticating({ store: { access }, mode, adminKeyHash, shards, outlastsMs }: AuthenticateDeps): Authenticate {
  const admin = adminKeyHash === undefined ? undefined : Buffer.from(adminKeyHash, "hex");
  const known = new LRUCache<string, Known>({ max: 10_000, ttl: knownMs });
  const refused = new LRUCache<string, Fault>({ max: 10_000, ttl: refusedMs });
  const lately = outlastsMs > 0 ? new LRUCache<string, Known>({ max: 10_000, ttl: outlastsMs }) : undefined;
  const asking = new Map<string, Promise<Caller>>(); // as many as there are requests in flight

  async function ask(digest: string): Promise<Caller> {
    const start = performance.now();
    const found = await access.keyByHash(Buffer.from(digest, "base64"));
    const fault = faultOf(found);
    if (fault || !found) {
      lately?.delete(digest);
      refused.set(digest, fault ?? invalid);
      return refuse(fault ?? invalid);
    }
    // While a shard is being added, processes run that do not know of it: what they wrote of this merchant would be on another.
    if (found.shard >= shards) throw new StoreUnavailable(`the merchant lives on shard ${found.shard}, and this process knows ${shards}`);
    const unnoted = found.lastUsedAt === null || Date.now() - found.lastUsedAt.getTime() > useIsNotedMs;
    if (unnoted) access.noteUse(found).catch(() => {}); // best effort: the next look-up finds it unnoted still
    const caller = callerOf(found);
    const seen = { caller, expiresAt: found.expiresAt?.getTime() ?? Infinity };
    known.set(digest, seen, { start });
    lately?.set(digest, seen, { start });
    return caller;
  }

  /** As it worked lately, where the store does not say. */
  async function askOrRemember(digest: string): Promise<Caller> {
    const seen = lately?.get(digest);
    if (!seen) return ask(digest);
    const asked = ask(digest);
    const caller = await Promise.race([asked, sleep(patienceMs, undefined)]).catch((error: unknown) => {
      if (!(error instanceof StoreUnavailable)) throw error;
    });
    if (caller) return caller;
    asked.catch(() => {}); // it may fail later, and nobody waits for it any more
    if (seen.expiresAt <= Date.now()) refuse(expired);
    known.set(digest, seen);
    return seen.caller;
  }

  return (request) => {
    const key = keyOf(request);
    const digest = hash("sha256", key, "base64");
    const found = known.get(digest);
    if (found) return found.expiresAt > Date.now() ? found.caller : refuse(expired);

    // What is misspelt, or for another system, is refused without asking the store.
    const read = readApiKey(key) ?? refuse(invalid);
    if (read.mode !== mode) refuse(wrongMode(read.mode, mode));
    if (read.kind === "ak") {
      return admin && timingSafeEqual(admin, Buffer.from(digest, "base64")) ? { kind: "admin" } : refuse(invalid);
    }
    const fault = refused.get(digest);
    if (fault) refuse(fault);

    let answer = asking.get(digest);
    if (answer === undefined) {
      answer = askOrRemember(digest).finally(() => asking.delete(digest));
      asking.set(digest, answer);
    }
    return answer;
  };
}

function keyOf({ headers: { authorization } }: IncomingMessage): string {
  if (authorization === undefined) refuse(missing);
  const [, scheme, credentials] = /^(bearer|basic) +(\S+)$/i.exec(authorization) ?? [];
  if (scheme === undefined || credentials === undefined) refuse(missing);
  return scheme.length === "basic".length ? Buffer.from(credentials, "base64").toString("latin1").split(":", 1)[0]! : credentials;
}

/** What speaks against a key, if anything does. */
function faultOf(found: FoundKey | undefined): Fault | undefined {
  if (!found) return invalid;
  if (found.revokedAt) return revoked;
  if (found.expiresAt && found.expiresAt.getTime() <= Date.now()) return expired;
  return found.merchantDisabledAt ? disabled : undefined;
}

function callerOf({ bucket, merchantId, mode, id, scopes }: FoundKey): Caller {
  return { kind: "merchant", tenant: { bucket, merchantId, mode }, keyId: id, scopes: scopes === null ? undefined : new Set(scopes) };
}

const missing: Fault = {
  code: "api_key_missing",
  detail: "Send your secret key as Authorization: Bearer sk_test_…, or as the user name of Basic authentication (curl -u sk_test_…:).",
};
const invalid: Fault = { code: "api_key_invalid", detail: "Nobody has this key. Send it whole, as it was shown once." };
const revoked: Fault = {
  code: "api_key_revoked",
  detail: "This key was revoked. Use another, or ask whoever runs this system for a new one.",
};
const expired: Fault = { code: "api_key_expired", detail: "This key has expired. Use the one that followed it, or ask for a new one." };
const disabled: Fault = {
  code: "merchant_disabled",
  detail: "This merchant is disabled: none of its keys is taken. Ask whoever runs this system.",
};

function wrongMode(theirs: Mode, ours: Mode): Fault {
  const detail = `This is a ${theirs} key, and this API takes ${ours} keys. Use the key that begins with sk_${ours}_.`;
  return { code: "api_key_wrong_mode", detail };
}

function refuse(fault: Fault): never {
  throw new Refusal(fault, { headers: fault.code === "merchant_disabled" ? {} : { "www-authenticate": 'Bearer realm="satang"' } });
}
