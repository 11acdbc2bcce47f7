import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Served, serve } from "./served.ts";
import { coffee } from "./shop.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served[Symbol.asyncDispose]());

const tea = { ...coffee, amount: 20_000 };
const wait = { prefer: "wait=20" };

describe("an Idempotency-Key", () => {
  test("is required of a payment", async () => {
    const shop = await served.shop();

    const answer = await shop.pay(coffee);

    expect(answer).toMatchObject({ status: 400, body: { code: "idempotency_key_required" } });
    expect(await shop.count("payments")).toBe(0);
  });

  test.for(["k".repeat(256), '"open', '"a"b"', "caf\u00e9", "tab\tbed"])("is refused when it is malformed: %j", async (key) => {
    const shop = await served.shop();

    const answer = await shop.pay(coffee, { key });

    expect(answer).toMatchObject({ status: 400, body: { code: "idempotency_key_invalid" } });
    expect(await shop.count("payments")).toBe(0);
  });

  test("makes a payment, its operation and the key's own row at first use", async () => {
    const shop = await served.shop();

    const answer = await shop.pay(coffee, { key: "order-1" });

    expect(answer).toMatchObject({ status: 202, body: { object: "payment", status: "processing", amount: 35_000 } });
    expect(answer.headers.get("location")).toBe(`/v1/payments/${answer.body.id}`);
    expect(answer.headers.has("idempotent-replayed")).toBe(false);
    expect([await shop.count("payments"), await shop.count("operations"), await shop.count("idempotency_keys")]).toEqual([1, 1, 1]);
  });

  test.for([20, 200])("makes %i requests that come together one payment with one effect", async (times) => {
    const shop = await served.shop();

    const answers = await Promise.all(Array.from({ length: times }, () => shop.pay(coffee, { key: "order-2", headers: wait })));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get("idempotent-replayed") !== "true").length).toBe(1);
    expect([await shop.count("payments"), await shop.count("operations")]).toEqual([1, 1]);
    expect(await shop.effects()).toEqual([1]);
  });

  test("answers a repeat with the payment as it is by then, and names the first request", async () => {
    const shop = await served.shop();
    const first = await shop.pay(coffee, { key: "order-3" });
    await shop.ask(`/v1/payments/${first.body.id}?wait=20`);

    const again = await shop.pay(coffee, { key: "order-3" });

    expect(again).toMatchObject({ status: 201, body: { id: first.body.id, status: "succeeded" } });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.headers.get("original-request")).toBe(first.headers.get("request-id"));
    expect(await shop.effects()).toEqual([1]);
  });

  test("takes the same request for the same, however its JSON is written and its key is quoted", async () => {
    const shop = await served.shop();
    const first = await shop.pay(coffee, { key: "order-4" });

    const again = await shop.pay(`{ "method": {"token":"tok_visa", "type":"card"},\n "currency":"THB", "amount": 3.5e4 }`, {
      key: '"order-4"',
    });

    expect(again).toMatchObject({ status: 202, body: { id: first.body.id } });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await shop.count("payments")).toBe(1);
  });

  test("is refused for another request, and the first one stays hidden", async () => {
    const shop = await served.shop();
    const first = await shop.pay({ ...coffee, reference: "blue-cup" }, { key: "order-5" });

    const other = await shop.pay(tea, { key: "order-5" });

    expect(other).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    expect(other.text).not.toContain("blue-cup");
    expect(other.text).not.toContain(first.body.id);
    expect(await shop.count("payments")).toBe(1);
  });

  test("of one merchant says nothing about another's", async () => {
    const [shop, stall] = [await served.shop(), await served.shop()];

    const answers = [await shop.pay(coffee, { key: "order-6" }), await stall.pay(tea, { key: "order-6" })];

    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(await stall.ask(`/v1/payments/${answers[0]!.body.id}`)).toMatchObject({ status: 404, body: { code: "payment_not_found" } });
    expect((await stall.ask("/v1/idempotency-keys/order-6")).body.payment).toBe(answers[1]!.body.id);
  });

  test("may be used again after a refusal", async () => {
    const shop = await served.shop();
    const refused = await shop.pay({ ...coffee, amount: 0.5 }, { key: "order-7" });

    const corrected = await shop.pay(coffee, { key: "order-7" });

    expect([refused.status, corrected.status]).toEqual([400, 202]);
    expect(corrected.headers.has("idempotent-replayed")).toBe(false);
  });

  test("is not used up by a request of nobody", async () => {
    const shop = await served.shop();
    const refused = await shop.pay(coffee, { key: "order-8", secretKey: "sk_test_nobodynobodynobody" });

    expect(refused).toMatchObject({ status: 401, body: { code: "api_key_invalid" } });
    expect(await shop.pay(coffee, { key: "order-8" })).toMatchObject({ status: 202 });
    expect(await shop.count("payments")).toBe(1);
  });

  test("finds the payment when the line was cut before the answer", async () => {
    const shop = await served.shop();
    const cut = shop.pay(coffee, { key: "order-9", headers: wait, signal: AbortSignal.timeout(15) }).catch(() => undefined);
    await cut;

    const again = await shop.pay(coffee, { key: "order-9", headers: wait });

    expect(again).toMatchObject({ status: 201, body: { status: "succeeded" } });
    expect([await shop.count("payments"), await shop.effects()]).toEqual([1, [1]]);
  });

  test("returns a decline for ever, and a new try needs a new key", async () => {
    const shop = await served.shop();
    const unpaid = { ...coffee, method: { type: "card", token: "tok_insufficient_funds" } };
    const first = await shop.pay(unpaid, { key: "order-10", headers: wait });

    const again = await shop.pay(unpaid, { key: "order-10", headers: wait });
    const anew = await shop.pay(coffee, { key: "order-10b", headers: wait });

    expect(first).toMatchObject({ status: 201, body: { status: "failed", failure: { code: "insufficient_funds" } } });
    expect(again).toMatchObject({ status: 201, body: { id: first.body.id, status: "failed" } });
    expect(anew).toMatchObject({ status: 201, body: { status: "succeeded" } });
    expect(await shop.effects()).toEqual([1]);
  });

  test("holds a payment of unknown outcome, which is not charged again", async () => {
    const shop = await served.shop();
    const lost = { ...coffee, method: { type: "card", token: "tok_never_known" } };
    const first = await shop.pay(lost, { key: "order-11" });

    await expect.poll(async () => (await shop.ask(`/v1/payments/${first.body.id}`)).body.outcome, { timeout: 30_000 }).toBe("unknown");

    expect(await shop.pay(lost, { key: "order-11" })).toMatchObject({ status: 202, body: { status: "processing", outcome: "unknown" } });
    expect(await shop.count("operations")).toBe(1);
  });

  test("is found by a process that has never seen it", async () => {
    const shop = await served.shop();
    const first = await shop.pay(coffee, { key: "order-12" });
    await served.api.stop();
    await served.api.start();

    const again = await shop.pay(coffee, { key: "order-12" });
    const other = await shop.pay(tea, { key: "order-12" });

    expect(again).toMatchObject({ body: { id: first.body.id } });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    expect(await shop.count("payments")).toBe(1);
  });
});
