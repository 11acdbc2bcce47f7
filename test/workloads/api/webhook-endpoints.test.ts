import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Served, serve } from "./served.ts";
import type { Answer, Shop } from "./shop.ts";

let served: Served;
let live: Served;
beforeAll(async () => {
  [served, live] = await Promise.all([serve({ worker: false }), serve({ worker: false, env: { MODE: "live" } })]);
});
afterAll(async () => {
  await Promise.all([served[Symbol.asyncDispose](), live[Symbol.asyncDispose]()]);
});

const path = "/v1/webhook-endpoints";
const url = "https://shop.example/hooks";
function send(shop: Shop, method: string, at: string, body?: object, secretKey = shop.secretKey): Promise<Answer> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  return shop.ask(at, { method, secretKey, ...sent });
}

describe("an endpoint", () => {
  test("is made, with a secret that is shown this once", async () => {
    const shop = await served.shop();

    const made = await send(shop, "POST", path, { url, description: "the shop's own", event_types: ["payment.succeeded"] });

    const { secret, ...rest } = made.body;
    expect(made.status).toBe(201);
    expect(made.headers.get("location")).toBe(`${path}/${rest.id}`);
    expect(Buffer.from(secret.replace(/^whsec_/, ""), "base64")).toHaveLength(32);
    expect(rest).toEqual({
      id: expect.stringMatching(/^we_[0-9a-z]{29}$/),
      object: "webhook_endpoint",
      url,
      description: "the shop's own",
      event_types: ["payment.succeeded"],
      event_version: 1,
      status: "enabled",
      disabled_reason: null,
      disabled_at: null,
      failing_since: null,
      mode: "test",
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    expect((await send(shop, "GET", `${path}/${rest.id}`)).body).toEqual(rest);
    expect((await send(shop, "GET", path)).body).toEqual({ object: "list", data: [rest], has_more: false, next_cursor: null });
    expect(served.log()).not.toContain(secret.slice(6));
    const { rows } = await served.rows.query("select a::text from satang.audit_log a");
    expect(JSON.stringify(rows)).not.toContain(secret.slice(6));
  });

  test("takes its secret out of reach of the API itself", async () => {
    const { rows } = await served.rows.query(
      "select has_column_privilege('satang_api', 'satang.webhook_secrets', 'secret', 'select') as may",
    );

    expect(rows).toEqual([{ may: false }]);
  });

  test("is changed, disabled, enabled and deleted, and each of it is in the audit log", async () => {
    const shop = await served.shop();
    const { id, secret: _, ...made } = (await send(shop, "POST", path, { url })).body;
    const at = `${path}/${id}`;

    expect((await send(shop, "PATCH", at, { event_types: ["refund.failed"], description: "refunds" })).body).toMatchObject({
      url,
      description: "refunds",
      event_types: ["refund.failed"],
      status: "enabled",
    });
    expect((await send(shop, "PATCH", at, { event_types: null, description: null })).body).toMatchObject({
      description: null,
      event_types: null,
    });
    expect((await send(shop, "PATCH", at, { enabled: false })).body).toMatchObject({ status: "disabled", disabled_reason: "asked" });
    const resend = await send(shop, "POST", `${at}/resend-failed`, { since: "2026-01-01T00:00:00Z" });
    expect(resend).toMatchObject({ status: 409, body: { code: "webhook_endpoint_disabled" } });
    expect((await send(shop, "PATCH", at, { enabled: true })).body).toEqual({ ...made, id, updated_at: expect.any(String) });
    expect((await send(shop, "POST", `${at}/rotate-secret`, {})).status).toBe(200);
    expect((await send(shop, "DELETE", at)).body).toEqual({ id, object: "webhook_endpoint", deleted: true });

    for (const [method, suffix] of [
      ["GET", ""],
      ["DELETE", ""],
      ["GET", "/deliveries"],
      ["POST", "/deliveries/dlv_1/resend"],
    ] as const)
      expect((await send(shop, method, `${at}${suffix}`)).body.code).toBe("webhook_endpoint_not_found");
    const { body } = await served.admin("GET", "/v1/audit-log?limit=100");
    const actions = body.data
      .filter((entry: { target: string }) => entry.target === id)
      .map((entry: { action: string }) => entry.action.split(".")[1]);
    expect(actions).toEqual(["deleted", "secret_rotated", "changed", "changed", "changed", "changed", "created"]);
  });

  test("is nobody else's, in no mode", async () => {
    const [shop, other] = [await served.shop(), await served.shop()];
    const { id } = (await send(shop, "POST", path, { url })).body;

    for (const [method, suffix, body] of [
      ["GET", "", undefined],
      ["PATCH", "", { enabled: false }],
      ["DELETE", "", undefined],
      ["POST", "/rotate-secret", {}],
      ["GET", "/deliveries", undefined],
      ["POST", "/resend-failed", { since: "2026-01-01T00:00:00Z" }],
    ] as const)
      expect((await send(other, method, `${path}/${id}${suffix}`, body)).body).toMatchObject({
        status: 404,
        code: "webhook_endpoint_not_found",
      });
    expect((await send(other, "GET", path)).body.data).toEqual([]);
    expect((await send(shop, "GET", `${path}/${id}`)).body.status).toBe("enabled");
  });

  test("comes sixteen times, and not once more", async () => {
    const shop = await served.shop();
    const made = await Promise.all(Array.from({ length: 18 }, () => send(shop, "POST", path, { url })));

    expect(made.map(({ status }) => status).sort()).toEqual([...Array(16).fill(201), 409, 409]);
    expect(made.find(({ status }) => status === 409)!.body.code).toBe("webhook_endpoint_limit");
  });

  test("leads over https in live mode, and in test mode anywhere", async () => {
    const shop = await live.shop();
    const make = (to: string) => send(shop, "POST", path, { url: to }, shop.liveKey);

    expect((await make("http://shop.example/")).body).toMatchObject({
      status: 400,
      param: "url",
      detail: expect.stringContaining("an https URL"),
    });
    expect((await make("https://shop.example:8443/")).status).toBe(201);
    expect((await send(await served.shop(), "POST", path, { url: "http://shop.example/" })).status).toBe(201);
  });

  test.each([
    ["no url", {}, "parameter_missing", "url"],
    ["an unknown type", { url, event_types: ["payment.exploded"] }, "parameter_invalid", "event_types.0"],
    ["no type at all", { url, event_types: [] }, "parameter_invalid", "event_types"],
    ["a type twice", { url, event_types: ["payment.failed", "payment.failed"] }, "parameter_invalid", "event_types"],
    ["a description that is no text", { url, description: 7 }, "parameter_invalid", "description"],
    ["a secret of its own", { url, secret: "whsec_mine" }, "parameter_unknown", "secret"],
    ["a status of its own", { url, status: "enabled" }, "parameter_unknown", "status"],
  ])("is not made with %s", async (_, body, code, param) => {
    const answer = await send(await served.shop(), "POST", path, body);

    expect(answer.body).toMatchObject({ status: 400, code, param });
  });

  test.each([[-1], [169], [1.5], ["24"]])("does not rotate its secret with an overlap of %j hours", async (overlap_hours) => {
    const shop = await served.shop();
    const { id } = (await send(shop, "POST", path, { url })).body;

    expect((await send(shop, "POST", `${path}/${id}/rotate-secret`, { overlap_hours })).body).toMatchObject({
      status: 400,
      param: "overlap_hours",
    });
  });
});
