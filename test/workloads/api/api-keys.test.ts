import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apiKeyHash, newApiKey, readApiKey } from "../../../workloads/api-key.ts";
import { type Served, serve } from "./served.ts";
import type { Json } from "./shop.ts";

let served: Served;
let merchant: string;
beforeAll(async () => {
  served = await serve({ worker: false });
  merchant = (await served.admin("POST", "/v1/merchants", { name: "Shop" })).body.id;
});
afterAll(() => served[Symbol.asyncDispose]());

const make = async (more: object = {}): Promise<Json> => (await served.admin("POST", "/v1/api-keys", { merchant, ...more })).body;
const idempotencyKey = `/v1/idempotency-keys/never`; // 404 for whoever may ask

async function ask(secret: string, url: string = served.url): Promise<{ status: number; code: string }> {
  const answer = await fetch(`${url}${idempotencyKey}`, { headers: { authorization: `Bearer ${secret}` } });
  return { status: answer.status, code: ((await answer.json()) as Json).code };
}
const served404 = { status: 404, code: "idempotency_key_not_found" };

async function until(isSo: () => Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("a key", () => {
  test("has a checksum: no letter of it can be another, or stand in another's place", () => {
    const key = newApiKey("sk", "test");
    const swapped = [...key].map((letter, i) => key.slice(0, i) + (letter === "x" ? "y" : "x") + key.slice(i + 1));

    expect(readApiKey(key)).toEqual({ kind: "sk", mode: "test" });
    for (const other of [...swapped, key.slice(0, -1), `${key}x`, key.toLowerCase(), ` ${key}`, `${key}\n`]) {
      expect([other, readApiKey(other)]).toEqual([other, undefined]);
    }
    expect(new Set(Array.from({ length: 1_000 }, () => newApiKey("rk", "live"))).size).toBe(1_000);
  });

  test("is shown once, and kept as a hash", async () => {
    const made = await make({ name: "web shop" });

    expect(made).toMatchObject({ object: "api_key", merchant, name: "web shop", mode: "test", scopes: null, status: "active" });
    expect(made.secret).toMatch(/^sk_test_[0-9A-Za-z]{36}$/);
    expect(made.hint).toBe(`${made.secret.slice(0, 12)}…`);
    const { secret, ...rest } = made;
    const { body: seen } = await served.admin("GET", `/v1/api-keys/${made.id}`);
    expect(seen).toEqual({ ...rest, last_used_at: null });
    const { rows } = await served.rows.query("select *, encode(key_hash, 'hex') as hash from satang.api_keys where hint = $1", [made.hint]);
    expect(rows[0].hash).toBe(apiKeyHash(secret));
    const whole = await served.rows.query("select k::text from satang.api_keys k union all select a::text from satang.audit_log a");
    expect(JSON.stringify(whole.rows)).not.toContain(secret.slice(12));
    expect(served.log()).not.toContain(secret.slice(12));
  });

  test("works from the moment that it is made", async () => {
    const { secret } = await make();

    expect(await ask(secret)).toEqual(served404);
  });

  test("that is misspelt, or of the other mode, is refused without a look at the database", async () => {
    const good = newApiKey("sk", "test");
    const misspelt = good.slice(0, 20) + (good[20] === "a" ? "b" : "a") + good.slice(21);
    const owner = await served.rows.connect();
    await owner.query("begin; lock table satang.api_keys in access exclusive mode");
    try {
      expect(await ask(misspelt)).toEqual({ status: 401, code: "api_key_invalid" });
      expect(await ask(newApiKey("sk", "live"))).toEqual({ status: 401, code: "api_key_wrong_mode" });
      expect(await ask(newApiKey("ak", "test"))).toEqual({ status: 401, code: "api_key_invalid" });
    } finally {
      await owner.query("rollback");
      owner.release();
    }
  });

  test("that was revoked is refused by every process within five seconds, and for ever", async () => {
    const another = await served.anotherApi();
    const { secret, id } = await make();
    expect(await ask(secret)).toEqual(served404);
    expect(await ask(secret, another.url)).toEqual(served404);

    const revoked = await served.admin("DELETE", `/v1/api-keys/${id}`);

    expect(revoked).toMatchObject({ status: 200, body: { status: "revoked", revoked_at: expect.any(String) } });
    for (const url of [served.url, another.url]) {
      await until(async () => (await ask(secret, url)).status === 401, 5_000);
      expect(await ask(secret, url)).toEqual({ status: 401, code: "api_key_revoked" });
    }
    const again = await served.admin("DELETE", `/v1/api-keys/${id}`);
    expect(again.body).toEqual({ ...revoked.body, last_used_at: again.body.last_used_at });
    const entries = await served.admin("GET", `/v1/audit-log?merchant=${merchant}`);
    expect(entries.body.data.filter((entry: Json) => entry.action === "api_key.revoked" && entry.target === id)).toHaveLength(1);
  });

  test("ends when it expires, also in the memory of a process", async () => {
    const { secret, id } = await make({ expires_at: new Date(Date.now() + 1_500).toISOString() });
    expect(await ask(secret)).toEqual(served404);

    await until(async () => (await ask(secret)).code === "api_key_expired", 10_000);

    expect((await served.admin("GET", `/v1/api-keys/${id}`)).body.status).toBe("expired");
    expect((await served.admin("POST", `/v1/api-keys/${id}/roll`, {})).body.code).toBe("api_key_not_active");
  });

  test("is rolled into one that may the same, and both work during the overlap", async () => {
    const old = await make({ name: "till", scopes: ["payments:read"] });

    const rolled = await served.admin("POST", `/v1/api-keys/${old.id}/roll`, { overlap_hours: 2 });

    expect(rolled).toMatchObject({ status: 201, body: { name: "till", scopes: ["payments:read"], expires_at: null, status: "active" } });
    expect(rolled.body.secret).toMatch(/^rk_test_/);
    for (const secret of [old.secret, rolled.body.secret]) expect(await ask(secret)).toEqual(served404);
    const { body: then } = await served.admin("GET", `/v1/api-keys/${old.id}`);
    expect(then.replaced_by).toBe(rolled.body.id);
    const hours = (Date.parse(then.expires_at) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(1.9);
    expect(hours).toBeLessThanOrEqual(2);
  });

  test("is rolled once, however many ask at the same time", async () => {
    const old = await make();
    const roll = () => served.admin("POST", `/v1/api-keys/${old.id}/roll`, { overlap_hours: 1 });

    const rolls = await Promise.all(Array.from({ length: 5 }, roll));

    expect(rolls.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    expect((await roll()).body.code).toBe("api_key_not_active");
  });

  test("that is rolled without an overlap ends at once", async () => {
    const old = await make();
    expect(await ask(old.secret)).toEqual(served404);

    await served.admin("POST", `/v1/api-keys/${old.id}/roll`, { overlap_hours: 0 });

    await until(async () => (await ask(old.secret)).code === "api_key_expired", 5_000);
  });

  test("that is rolled lives as long again as it was made to, and never beyond its own end", async () => {
    const old = await make({ expires_at: new Date(Date.now() + 3_600_000).toISOString() });

    const rolled = await served.admin("POST", `/v1/api-keys/${old.id}/roll`, { overlap_hours: 24 });

    expect(Math.abs(Date.parse(rolled.body.expires_at) - Date.now() - 3_600_000)).toBeLessThan(60_000);
    expect((await served.admin("GET", `/v1/api-keys/${old.id}`)).body.expires_at).toBe(old.expires_at);
  });

  test("says when it was last used, to the hour", async () => {
    const { secret, id } = await make();
    const used = async () => (await served.admin("GET", `/v1/api-keys/${id}`)).body.last_used_at;
    expect(await used()).toBeNull();

    await ask(secret);

    await until(async () => (await used()) !== null, 5_000);
    expect(Date.now() - Date.parse(await used())).toBeLessThan(60_000);
  });
});

describe("a merchant who is disabled", () => {
  test("is refused everywhere within five seconds, and let in again", async () => {
    const { body: shop } = await served.admin("POST", "/v1/merchants", { name: "Other" });
    const { secret } = (await served.admin("POST", "/v1/api-keys", { merchant: shop.id })).body;
    expect(await ask(secret)).toEqual(served404);

    const disabled = await served.admin("PATCH", `/v1/merchants/${shop.id}`, { disabled: true });
    expect(disabled.body).toMatchObject({ name: "Other", disabled: true, disabled_at: expect.any(String) });
    await until(async () => (await ask(secret)).status === 403, 5_000);
    expect((await ask(secret)).code).toBe("merchant_disabled");

    const enabled = await served.admin("PATCH", `/v1/merchants/${shop.id}`, { disabled: false, name: "Another" });
    expect(enabled.body).toMatchObject({ name: "Another", disabled: false, disabled_at: null });
    await until(async () => (await ask(secret)).status === 404, 5_000);
  });
});
