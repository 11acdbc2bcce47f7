import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { LRUCache } from "lru-cache";
import type { Mode } from "../payment/payment.ts";
import type { Store, Tenant } from "../store/store.ts";
import { type Fault, Refusal } from "./problem.ts";

/** Finds out who asks, by `Authorization: Bearer sk_…`, or Basic with the key as the user. Refuses whoever is nobody. */
export type Authenticate = (request: IncomingMessage) => Tenant | Promise<Tenant>;

// A revoked key works for no longer than this. A new one is refused for no longer than the other.
const knownMs = 5_000;
const unknownMs = 1_000;

/** Answers from memory where it can, and asks the store once for all who come with the same key meanwhile. */
export function authenticating({ store, mode }: { store: Pick<Store, "tenantOf">; mode: Mode }): Authenticate {
  const known = new LRUCache<string, Tenant>({ max: 10_000, ttl: knownMs });
  const unknown = new LRUCache<string, true>({ max: 10_000, ttl: unknownMs });
  const asking = new Map<string, Promise<Tenant>>(); // as many as there are requests in flight

  async function ask(digest: string): Promise<Tenant> {
    const tenant = await store.tenantOf(Buffer.from(digest, "base64"));
    if (tenant) known.set(digest, tenant);
    else unknown.set(digest, true);
    return tenant ?? refuse(invalid);
  }

  return (request) => {
    const digest = hash("sha256", secretKeyOf(request), "base64");
    const tenant = known.get(digest);
    if (tenant) return inMode(tenant, mode);
    if (unknown.has(digest)) refuse(invalid);

    let answer = asking.get(digest);
    if (answer === undefined) {
      answer = ask(digest).finally(() => asking.delete(digest));
      asking.set(digest, answer);
    }
    return answer.then((found) => inMode(found, mode));
  };
}

function secretKeyOf({ headers: { authorization } }: IncomingMessage): string {
  if (authorization === undefined) refuse(missing);
  const [, scheme, credentials] = /^(bearer|basic) +(\S+)$/i.exec(authorization) ?? [];
  if (scheme === undefined || credentials === undefined) refuse(missing);
  const key = scheme.length === "basic".length ? Buffer.from(credentials, "base64").toString("latin1").split(":", 1)[0]! : credentials;
  // Anything else is nobody's, which the store need not be asked.
  if (!/^sk_(?:test|live)_[\w-]{1,200}$/.test(key)) refuse(invalid);
  return key;
}

function inMode(tenant: Tenant, mode: Mode): Tenant {
  if (tenant.mode === mode) return tenant;
  const detail = `This is a ${tenant.mode} key, and this API takes ${mode} keys. Use the key that begins with sk_${mode}_.`;
  return refuse({ code: "api_key_wrong_mode", detail });
}

const missing: Fault = {
  code: "api_key_missing",
  detail: "Send your secret key as Authorization: Bearer sk_test_…, or as the user name of Basic authentication (curl -u sk_test_…:).",
};
const invalid: Fault = {
  code: "api_key_invalid",
  detail: "Nobody has this key, or it was revoked. Send the secret key whole, as it was shown once.",
};

function refuse(fault: Fault): never {
  throw new Refusal(fault, { headers: { "www-authenticate": 'Bearer realm="satang"' } });
}
