import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Served, serve } from "./served.ts";
import type { Json } from "./shop.ts";

let served: Served;
beforeAll(async () => {
  served = await serve({ worker: false });
});
afterAll(() => served[Symbol.asyncDispose]());

const newMerchant = async (name = "Shop"): Promise<Json> => (await served.admin("POST", "/v1/merchants", { name })).body;
const entriesOf = async (merchant: string): Promise<Json[]> => (await served.admin("GET", `/v1/audit-log?merchant=${merchant}`)).body.data;

describe("the audit log", () => {
  test("says who did what to what, and in which request", async () => {
    const made = await served.admin("POST", "/v1/merchants", { name: "Shop" });
    const merchant = made.body.id;
    const key = await served.admin("POST", "/v1/api-keys", { merchant, scopes: ["ledger:read"] });
    const rolled = await served.admin("POST", `/v1/api-keys/${key.body.id}/roll`, { overlap_hours: 1 });
    const revoked = await served.admin("DELETE", `/v1/api-keys/${rolled.body.id}`);
    const disabled = await served.admin("PATCH", `/v1/merchants/${merchant}`, { disabled: true });

    const entries = await entriesOf(merchant);

    expect(entries.map(({ action, target, request_id, details }) => [action, target, request_id, details])).toEqual([
      ["merchant.changed", merchant, disabled.headers.get("request-id"), { disabled: true }],
      ["api_key.revoked", rolled.body.id, revoked.headers.get("request-id"), { hint: rolled.body.hint }],
      ["api_key.rolled", key.body.id, rolled.headers.get("request-id"), { hint: rolled.body.hint, overlap_hours: 1 }],
      ["api_key.created", key.body.id, key.headers.get("request-id"), { hint: key.body.hint, scopes: ["ledger:read"], expires_at: null }],
      ["merchant.created", merchant, made.headers.get("request-id"), { name: "Shop" }],
    ]);
    for (const entry of entries) expect(entry).toMatchObject({ actor: { type: "admin", id: null }, merchant });
  });

  test("says nothing of what was refused or changed nothing", async () => {
    const { id: merchant } = await newMerchant();
    const { body: key } = await served.admin("POST", "/v1/api-keys", { merchant });
    await served.admin("DELETE", `/v1/api-keys/${key.id}`);

    await served.admin("DELETE", `/v1/api-keys/${key.id}`);
    await served.admin("POST", `/v1/api-keys/${key.id}/roll`, {});
    await served.admin("PATCH", `/v1/merchants/${merchant}`, { name: "" });
    await served.admin("POST", "/v1/api-keys", { merchant, scopes: ["everything"] });

    expect((await entriesOf(merchant)).map(({ action }) => action)).toEqual(["api_key.revoked", "api_key.created", "merchant.created"]);
  });

  test("cannot be changed: not by the process that writes it, and not by the owner of the database", async () => {
    await newMerchant();
    for (const change of ["update satang.audit_log set action = 'a.b'", "delete from satang.audit_log", "truncate satang.audit_log"]) {
      await expect(served.rows.query(change)).rejects.toThrow(/append-only/);
    }
    const { rows } = await served.rows.query(
      "select privilege_type from information_schema.role_table_grants where table_name = 'audit_log' and grantee like 'satang\\_%' order by 1",
    );
    expect(rows.map(({ privilege_type }) => privilege_type)).toEqual(["INSERT", "SELECT"]);
  });
});

describe("the admin's lists", () => {
  test("go through everything once, newest first, however small the pages", async () => {
    const { id: merchant } = await newMerchant();
    const made: string[] = [];
    for (let i = 0; i < 7; i++) made.unshift((await served.admin("POST", "/v1/api-keys", { merchant, name: `key ${i}` })).body.id);

    const seen: string[] = [];
    for (let cursor = ""; ; ) {
      const { body: page } = await served.admin("GET", `/v1/api-keys?merchant=${merchant}&limit=3${cursor}`);
      seen.push(...page.data.map(({ id }: Json) => id));
      expect(page.has_more).toBe(page.next_cursor !== null);
      if (!page.has_more) break;
      cursor = `&cursor=${page.next_cursor}`;
      if (seen.length === 3) await served.admin("POST", "/v1/api-keys", { merchant, name: "newer" }); // does not shift what follows
    }

    expect(seen).toEqual(made);
  });

  test.for<[path: string, code: string, param: string]>([
    ["/v1/merchants?limit=0", "parameter_invalid", "limit"],
    ["/v1/merchants?limit=101", "parameter_invalid", "limit"],
    ["/v1/merchants?page=2", "parameter_unknown", "page"],
    ["/v1/merchants?cursor=key_x", "cursor_invalid", "cursor"],
    ["/v1/api-keys?limit=1&limit=2", "parameter_invalid", "limit"],
  ])("are told of a wrong question: %s", async ([path, code, param]) => {
    const answer = await served.admin("GET", path);

    expect(answer).toMatchObject({ status: 400, body: { code, param } });
  });

  test("know no merchant who is not there", async () => {
    const nobody = `mer_${"0".repeat(29)}`;
    const answers = await Promise.all([
      served.admin("GET", `/v1/merchants/${nobody}`),
      served.admin("PATCH", `/v1/merchants/${nobody}`, { name: "x" }),
      served.admin("POST", "/v1/api-keys", { merchant: nobody }),
      served.admin("POST", "/v1/api-keys", { merchant: "Shop" }),
      served.admin("GET", "/v1/api-keys?merchant=Shop"),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ status: 404, body: { code: "merchant_not_found" } });
  });

  test("show no key again", async () => {
    const { id: merchant } = await newMerchant();
    const { body: key } = await served.admin("POST", "/v1/api-keys", { merchant });

    const lists = await Promise.all(["/v1/api-keys", "/v1/audit-log"].map((path) => served.admin("GET", `${path}?limit=100`)));

    for (const { text } of lists) expect(text).not.toContain(key.secret.slice(12));
  });
});
