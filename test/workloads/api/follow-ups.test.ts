import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, coffee, startSystem, type TestSystem } from "../../support/system.ts";

let system: TestSystem;
beforeAll(async () => {
  system = await startSystem({ env: { worker: { PROVIDER_TIMEOUT_SECONDS: "1", RESOLVE_SCHEDULE_SECONDS: "1,1,2" } } });
});
afterAll(() => system[Symbol.asyncDispose]());

const held = { ...coffee, capture: "manual" };
async function paid(body: object = coffee): Promise<string> {
  const answer = await system.pay(body, { wait: 20 });
  expect(answer.status).toBe(201);
  return answer.body.id;
}
const payment = async (id: string) => (await system.get(`/v1/payments/${id}?wait=0`)).body;
const at = (answers: readonly Answer[], status: number) => answers.filter((answer) => answer.status === status);

describe("a capture", () => {
  test("takes what was authorized, once, and books it", async () => {
    const id = await paid(held);
    const authorized = await payment(id);
    expect(authorized).toMatchObject({ status: "requires_capture", captured: 0 });
    const [from, until] = [authorized.created_at, authorized.capture_before].map((time) => Date.parse(time));
    expect((until! - from!) / 86_400_000).toBeCloseTo(7, 1); // days

    const captured = await system.post(`/v1/payments/${id}/capture`, {}, { wait: 20 });

    expect(captured).toMatchObject({ status: 201, body: { id, status: "succeeded", captured: 35_000, refunded: 0, capture_before: null } });
    const again = await system.post(`/v1/payments/${id}/capture`, {});
    expect(again).toMatchObject({ status: 409, body: { code: "payment_not_capturable" } });
  });

  test("may be of a part, and never of more than was authorized", async () => {
    const id = await paid(held);
    const tooMuch = await system.post(`/v1/payments/${id}/capture`, { amount: 35_001 });
    expect(tooMuch).toMatchObject({ status: 422, body: { code: "amount_too_large", param: "amount" } });
    expect(tooMuch.body.detail).toContain("35000");

    const captured = await system.post(`/v1/payments/${id}/capture`, { amount: 20_000 }, { wait: 20 });

    expect(captured).toMatchObject({ status: 201, body: { status: "succeeded", amount: 35_000, captured: 20_000 } });
  });

  test("comes once when twenty ask for it at once, under as many keys", async () => {
    const id = await paid(held);
    const answers = await Promise.all(Array.from({ length: 20 }, () => system.post(`/v1/payments/${id}/capture`, {}, { wait: 20 })));

    expect(at(answers, 201)).toHaveLength(1);
    for (const { body } of at(answers, 409)) expect(["operation_in_progress", "payment_not_capturable"]).toContain(body.code);
    expect(at(answers, 409)).toHaveLength(19);
  });

  test("of a payment that was charged at once is refused", async () => {
    const id = await paid();
    expect(await system.post(`/v1/payments/${id}/capture`, {})).toMatchObject({ status: 409, body: { code: "payment_not_capturable" } });
  });
});

describe("a cancellation", () => {
  test("releases what was authorized, with or without a body", async () => {
    const id = await paid(held);
    const canceled = await system.post(`/v1/payments/${id}/cancel`, {}, { wait: 20 });
    expect(canceled).toMatchObject({ status: 201, body: { status: "canceled", captured: 0 } });
    expect((await system.post(`/v1/payments/${id}/capture`, {})).body.code).toBe("payment_not_capturable");
    expect((await system.post(`/v1/payments/${id}/cancel`, {})).body.code).toBe("payment_not_cancelable");
  });

  test("and a capture that come at once: one of the two is done", async () => {
    const id = await paid(held);
    const answers = await Promise.all([
      system.post(`/v1/payments/${id}/cancel`, {}, { wait: 20 }),
      system.post(`/v1/payments/${id}/capture`, {}, { wait: 20 }),
    ]);

    expect(at(answers, 201)).toHaveLength(1);
    expect(at(answers, 409)).toHaveLength(1);
    const { status, captured } = await payment(id);
    expect(status === "canceled" ? captured === 0 : captured === 35_000).toBe(true);
  });
});

describe("a refund", () => {
  test("gives back a part, then the rest, and then there is nothing left", async () => {
    const id = await paid();
    const part = await system.post(
      `/v1/payments/${id}/refunds`,
      { amount: 5_000, reason: "cold", reference: "r-1", metadata: { cup: "2" } },
      { wait: 20 },
    );
    expect(part).toMatchObject({
      status: 201,
      body: {
        object: "refund",
        status: "succeeded",
        payment: id,
        amount: 5_000,
        currency: "THB",
        reason: "cold",
        reference: "r-1",
        metadata: { cup: "2" },
      },
    });
    expect(part.headers.get("location")).toBe(`/v1/refunds/${part.body.id}`);

    const rest = await system.post(`/v1/payments/${id}/refunds`, {}, { wait: 20 });
    expect(rest.body).toMatchObject({ status: "succeeded", amount: 30_000 });
    expect(await payment(id)).toMatchObject({ status: "succeeded", captured: 35_000, refunded: 35_000 });
    expect(await system.post(`/v1/payments/${id}/refunds`, {})).toMatchObject({ status: 422, body: { code: "amount_too_large" } });
    expect((await system.get(`/v1/refunds/${part.body.id}`)).body).toMatchObject({ id: part.body.id, status: "succeeded" });
    expect((await system.get("/v1/refunds")).body.data).toHaveLength(2);
  });

  test("is one under one key, however often it is asked for, and another request under that key is refused", async () => {
    const id = await paid();
    const asked = Array.from({ length: 20 }, () =>
      system.post(`/v1/payments/${id}/refunds`, { amount: 1_000 }, { key: `once-${id}`, wait: 20 }),
    );
    const answers = await Promise.all(asked);

    expect(at(answers, 201)).toHaveLength(20);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get("idempotent-replayed") !== "true")).toHaveLength(1);
    expect(await payment(id)).toMatchObject({ refunded: 1_000 });
    const other = await system.post(`/v1/payments/${id}/refunds`, { amount: 2_000 }, { key: `once-${id}` });
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    const elsewhere = await system.pay(coffee, { key: `once-${id}` });
    expect(elsewhere).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    const found = await system.get(`/v1/idempotency-keys/once-${id}`);
    expect(found.body).toMatchObject({ payment: id, refund: answers[0]!.body.id, url: `/v1/refunds/${answers[0]!.body.id}` });
  });

  test("that is refused stores nothing, and leaves its key free", async () => {
    const id = await paid();
    const before = await system.count("idempotency_keys");
    expect((await system.post(`/v1/payments/${id}/refunds`, { amount: 35_001 }, { key: `free-${id}` })).status).toBe(422);
    expect(await system.count("idempotency_keys")).toBe(before);
    expect((await system.post(`/v1/payments/${id}/refunds`, { amount: 1 }, { key: `free-${id}`, wait: 20 })).status).toBe(201);
  });

  test("of which a hundred come at once, of a tenth each: ten are done, and the books say so", { timeout: 120_000 }, async () => {
    const id = await paid();
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => system.post(`/v1/payments/${id}/refunds`, { amount: 3_500 }, { wait: 30 })),
    );

    expect(at(answers, 201)).toHaveLength(10);
    expect(at(answers, 422)).toHaveLength(90);
    expect(answers.filter(({ body }) => body.status === "succeeded")).toHaveLength(10);
    expect(await payment(id)).toMatchObject({ captured: 35_000, refunded: 35_000 });
    const [{ uuid }] = (await system.sql<{ uuid: string }>(
      "select payment_id as uuid from satang.idempotency_keys k join satang.operations o using (payment_id) where o.kind = 'refund' and o.amount = 3500 limit 1",
    )) as [{ uuid: string }];
    const entries = await system.sql<{ account: string; sum: number }>(
      `select account, sum(l.amount)::int as sum from satang.ledger_entries l join satang.operations o on o.id = l.operation_id
       where o.payment_id = $1 and o.kind = 'refund' group by account having sum(l.amount) <> 0 order by account`,
      [uuid],
    );
    expect(entries).toEqual([
      { account: "merchant.available", sum: 35_000 },
      { account: "provider.receivable:simulator", sum: -35_000 },
    ]);
    const moved = await system.effects();
    const ids = (
      await system.sql<{ id: string }>("select id from satang.operations where payment_id = $1 and kind = 'refund'", [uuid])
    ).map(({ id }) => id);
    expect(moved.filter(({ key }) => ids.includes(key)).map(({ count }) => count)).toEqual(Array(10).fill(1));
  });

  test("of another merchant's payment is of none", async () => {
    const id = await paid();
    const other = await system.newMerchant();
    for (const what of ["capture", "cancel", "refunds"])
      expect(await system.post(`/v1/payments/${id}/${what}`, {}, { merchant: other })).toMatchObject({
        status: 404,
        body: { code: "payment_not_found" },
      });
  });
});

describe("what nobody knows of", () => {
  test("blocks what could be done twice, and is found out", async () => {
    const answer = await system.pay({ ...coffee, method: { type: "card", token: "tok_timeout" } }, {});
    const id = answer.body.id;
    await system.until(
      async () => (await payment(id)).outcome === "unknown" || (await payment(id)).status === "succeeded",
      "the outcome is unknown",
    );
    const early = await system.post(`/v1/payments/${id}/refunds`, {});
    expect(early.status).toBe(409);
    expect(["payment_outcome_unknown", "payment_not_refundable"]).toContain(early.body.code);

    await system.until(async () => (await payment(id)).status === "succeeded", "the provider has told");
    expect((await system.post(`/v1/payments/${id}/refunds`, {}, { wait: 20 })).body).toMatchObject({ status: "succeeded", amount: 35_000 });
  });

  test("a refund that the provider refuses is given back to what is left", async () => {
    const id = await paid();
    await system.behaviour({ declineRate: 1 });
    const refused = await system.post(`/v1/payments/${id}/refunds`, { amount: 3_000 }, { wait: 20 });
    await system.behaviour({ declineRate: 0 });

    expect(refused).toMatchObject({ status: 201, body: { status: "failed", failure: { code: "card_declined" } } });
    expect(await payment(id)).toMatchObject({ refunded: 0 });
    expect((await system.post(`/v1/payments/${id}/refunds`, {}, { wait: 20 })).body).toMatchObject({ status: "succeeded", amount: 35_000 });
    const [{ off }] = (await system.sql<{ off: number }>(
      "select coalesce(sum(amount), 0)::int as off from satang.ledger_entries where account = 'refunds.in_transit'",
    )) as [{ off: number }];
    expect(off).toBe(0);
  });

  test("a refund whose answer is lost is done once, and known", async () => {
    const id = await paid();
    await system.behaviour({ unknownRate: 1 });
    const refund = await system.post(`/v1/payments/${id}/refunds`, { amount: 3_000 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await system.behaviour({ unknownRate: 0 });

    await system.until(async () => (await system.get(`/v1/refunds/${refund.body.id}`)).body.status === "succeeded", "the refund is known");
    expect(await payment(id)).toMatchObject({ refunded: 3_000 });
    expect((await system.effects()).every(({ count }) => count === 1)).toBe(true);
  });
});
