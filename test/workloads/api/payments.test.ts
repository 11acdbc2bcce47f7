import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Served, serve } from "./served.ts";
import { coffee } from "./shop.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served[Symbol.asyncDispose]());

const paidBy = (token: string) => ({ ...coffee, method: { type: "card", token } });

describe("a payment", () => {
  test("is answered as it is asked for, without its token", async () => {
    const shop = await served.shop();

    const answer = await shop.pay({ ...paidBy("tok_slow"), reference: "order-17", metadata: { table: "4" } }, { key: "a" });

    expect(answer.body).toEqual({
      id: expect.stringMatching(/^pay_[0-9a-z]{29}$/),
      ...{ object: "payment", status: "processing", amount: 35_000, currency: "THB", captured: 0, refunded: 0 },
      ...{
        capture: "automatic",
        method: { type: "card" },
        reference: "order-17",
        metadata: { table: "4" },
        failure: null,
        capture_before: null,
      },
      ...{ mode: "test", created_at: expect.any(String), updated_at: expect.any(String), version: 1 },
    });
    expect(Date.parse(answer.body.created_at)).toBeGreaterThan(Date.now() - 60_000);
    expect((await shop.ask(`/v1/payments/${answer.body.id}`)).body).toEqual(answer.body);
  });

  test("is waited for when the client prefers to wait", async () => {
    const shop = await served.shop();

    const answer = await shop.pay(coffee, { key: "b", headers: { prefer: "respond-async, wait=20" } });

    expect(answer).toMatchObject({ status: 201, body: { status: "succeeded", captured: 35_000 } });
    expect(answer.headers.get("preference-applied")).toBe("wait=20");
    expect(await shop.count("events")).toBe(1);
  });

  test("is held until captured when capture is manual", async () => {
    const shop = await served.shop();

    const answer = await shop.pay({ ...coffee, capture: "manual" }, { key: "c", headers: { prefer: "wait=20" } });

    expect(answer).toMatchObject({ status: 201, body: { status: "requires_capture", captured: 0 } });
  });

  test("that is declined says why, in words for the merchant", async () => {
    const shop = await served.shop();

    const answer = await shop.pay(paidBy("tok_declined"), { key: "d", headers: { prefer: "wait=20" } });

    expect(answer).toMatchObject({
      status: 201,
      body: { status: "failed", failure: { code: "card_declined", message: expect.any(String) } },
    });
    expect(await shop.effects()).toEqual([]);
  });

  test("is answered with 202 when the time that the client waits is over", async () => {
    const shop = await served.shop();

    const answer = await shop.pay(paidBy("tok_slow"), { key: "e", headers: { prefer: "wait=1" } });

    expect(answer).toMatchObject({ status: 202, body: { status: "processing" } });
    expect(answer.headers.get("preference-applied")).toBe("wait=1");
    expect((await shop.ask(`/v1/payments/${answer.body.id}?wait=20`)).body.status).toBe("succeeded");
  });

  test("goes on when the client goes away", async () => {
    const shop = await served.shop();
    const { body } = await shop.pay(paidBy("tok_slow"), { key: "f" });

    await expect(shop.ask(`/v1/payments/${body.id}?wait=30`, { signal: AbortSignal.timeout(50) })).rejects.toThrow();

    expect((await shop.ask(`/v1/payments/${body.id}?wait=20`)).body.status).toBe("succeeded");
    expect(await shop.effects()).toEqual([1]);
  });

  test("is not sent again to who has its version", async () => {
    const shop = await served.shop();
    const first = await shop.pay(paidBy("tok_slow"), { key: "g" });
    const path = `/v1/payments/${first.body.id}`;
    const etag = first.headers.get("etag")!;

    const same = await shop.ask(path, { headers: { "if-none-match": `W/${etag}, "other"` } });
    const settled = await shop.ask(`${path}?wait=20`, { headers: { "if-none-match": etag } });

    expect(same).toMatchObject({ status: 304, text: "" });
    expect(same.headers.get("etag")).toBe(etag);
    expect(settled).toMatchObject({ status: 200, body: { status: "succeeded" } });
    expect(settled.headers.get("etag")).not.toBe(etag);
  });

  test("is found by its key, by who lost the answer", async () => {
    const shop = await served.shop();
    const { body, headers } = await shop.pay(coffee, { key: "order/17?" });

    const found = await shop.ask(`/v1/idempotency-keys/${encodeURIComponent("order/17?")}`);

    expect(found).toMatchObject({
      status: 200,
      body: {
        object: "idempotency_key",
        key: "order/17?",
        payment: body.id,
        url: `/v1/payments/${body.id}`,
        original_request: headers.get("request-id"),
      },
    });
  });

  test("of one merchant does not exist for another", async () => {
    const [shop, stall] = [await served.shop(), await served.shop()];
    const { body } = await shop.pay(coffee, { key: "h" });

    expect(await stall.ask(`/v1/payments/${body.id}`)).toMatchObject({ status: 404, body: { code: "payment_not_found" } });
    expect(await stall.ask("/v1/idempotency-keys/h")).toMatchObject({ status: 404, body: { code: "idempotency_key_not_found" } });
  });

  test("has an answer for HEAD that has no body", async () => {
    const shop = await served.shop();
    const { body } = await shop.pay(coffee, { key: "i" });

    expect(await shop.ask(`/v1/payments/${body.id}`, { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
  });
});

test("a client's own request id is not taken for ours", async () => {
  const shop = await served.shop();

  const answer = await shop.pay(coffee, { key: "j", headers: { "request-id": "mine" } });

  expect(answer.headers.get("request-id")).toMatch(/^req_[0-9a-f]{32}$/);
});
