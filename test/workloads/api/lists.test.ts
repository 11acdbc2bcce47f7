import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newUuid, parsePublicId } from "../../../workloads/payment/id.ts";
import { type Served, serve } from "./served.ts";
import { type Answer, coffee, type Shop } from "./shop.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served[Symbol.asyncDispose]());

const paidBy = (token: string) => ({ ...coffee, method: { type: "card", token } });
const wait = { headers: { prefer: "wait=20" } };

/** Pays one after the other, so that their order is known; newest first, as lists are. */
async function paid(shop: Shop, requests: readonly object[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [i, request] of requests.entries()) ids.unshift((await shop.pay(request, { key: `key-${i}`, ...wait })).body.id);
  return ids;
}

function idsOf({ status, text, body }: Answer): string[] {
  expect(`${status} ${text}`).toMatch(/^200 /);
  return body.data.map(({ id }: { id: string }) => id);
}

async function allPages(shop: Shop, path: string): Promise<string[]> {
  const found: string[] = [];
  for (let next: string | null = ""; next !== null; ) {
    const answer: Answer = await shop.ask(`${path}${next === "" ? "" : `&cursor=${next}`}`);
    expect(answer.status).toBe(200);
    found.push(...idsOf(answer));
    next = answer.body.next_cursor;
  }
  return found;
}

describe("the list of payments", () => {
  test("has the newest first, page by page, each once, also while more are made", async () => {
    const shop = await served.shop();
    const ids = await paid(shop, [coffee, coffee, coffee, coffee, coffee]);

    const first = await shop.ask("/v1/payments?limit=2");
    await shop.pay(coffee, { key: "meanwhile" });
    const second = await shop.ask(`/v1/payments?limit=2&cursor=${first.body.next_cursor}`);
    const third = await shop.ask(`/v1/payments?limit=2&cursor=${second.body.next_cursor}`);

    expect([first, second, third].flatMap(idsOf)).toEqual(ids);
    expect(first.body).toMatchObject({ object: "list", has_more: true });
    expect(third.body).toMatchObject({ has_more: false, next_cursor: null });
    expect(first.body.data[0]).toEqual((await shop.ask(`/v1/payments/${ids[0]}`)).body);
  });

  test("is filtered by status, reference and time", async () => {
    const shop = await served.shop();
    const [later, declined, earlier] = await paid(shop, [
      { ...coffee, reference: "a" },
      paidBy("tok_declined"),
      { ...coffee, reference: "b" },
    ]);
    const { created_at } = (await shop.ask(`/v1/payments/${declined}`)).body;
    const listed = async (query: string) => idsOf(await shop.ask(`/v1/payments?${query}`));

    expect(await listed("status=failed")).toEqual([declined]);
    expect(await listed("status=succeeded")).toEqual([later, earlier]);
    expect(await listed("reference=a")).toEqual([earlier]);
    expect(await listed(`created_after=${created_at}`)).toEqual([later, declined]);
    expect(await listed(`created_before=${created_at}`)).toEqual([earlier]);
    expect(await listed("created_after=2020-01-01T00:00:00%2B07:00&created_before=2020-02-01T00:00:00Z")).toEqual([]);
    expect(await allPages(shop, "/v1/payments?status=succeeded&limit=1")).toEqual([later, earlier]);
  });

  test("shows each merchant his own, and nobody the place in another list", async () => {
    const [shop, stall] = [await served.shop(), await served.shop()];
    await paid(shop, [coffee, coffee]);
    await paid(stall, [coffee]);
    const cursor = (await shop.ask("/v1/payments?limit=1")).body.next_cursor;
    const refused = { status: 400, body: { code: "cursor_invalid", param: "cursor" } };

    expect((await stall.ask("/v1/payments")).body.data).toHaveLength(1);
    expect(await stall.ask(`/v1/payments?limit=1&cursor=${cursor}`)).toMatchObject(refused);
    expect(await shop.ask(`/v1/payments?status=failed&cursor=${cursor}`)).toMatchObject(refused);
    expect(await shop.ask(`/v1/events?cursor=${cursor}`)).toMatchObject(refused);
    expect(await shop.ask(`/v1/payments?cursor=${cursor.slice(1)}`)).toMatchObject(refused);
    expect(await shop.ask(`/v1/payments?cursor=${cursor[0] === "A" ? "B" : "A"}${cursor.slice(1)}`)).toMatchObject(refused);
    expect(await shop.ask(`/v1/payments?limit=2&cursor=${cursor}`)).toMatchObject({ status: 200, body: { has_more: false } });
  });

  test.each([
    ["limit=0", "parameter_invalid", "limit"],
    ["limit=101", "parameter_invalid", "limit"],
    ["limit=1&limit=2", "parameter_invalid", "limit"],
    ["status=paid", "parameter_invalid", "status"],
    ["created_after=yesterday", "parameter_invalid", "created_after"],
    ["sort=amount", "parameter_unknown", "sort"],
    [`cursor=${"A".repeat(200)}`, "parameter_invalid", "cursor"],
    ["cursor=%00", "cursor_invalid", "cursor"],
  ])("refuses %s", async (query, code, param) => {
    const shop = await served.shop();

    expect(await shop.ask(`/v1/payments?${query}`)).toMatchObject({ status: 400, body: { code, param } });
  });

  test("is not sent again to who has it, and says how old it may be", async () => {
    const shop = await served.shop();
    await paid(shop, [coffee]);

    const first = await shop.ask("/v1/payments");
    const etag = first.headers.get("etag")!;
    const same = await shop.ask("/v1/payments", { headers: { "if-none-match": etag } });
    await paid(shop, [paidBy("tok_declined"), paidBy("tok_declined")]);
    const more = await shop.ask("/v1/payments", { headers: { "if-none-match": etag } });

    expect(same).toMatchObject({ status: 304, text: "" });
    expect(more).toMatchObject({ status: 200 });
    expect(first.headers.get("replica-lag")).toBe("0.000");
    expect(Math.abs(Date.parse(first.headers.get("data-as-of")!) - Date.now())).toBeLessThan(60_000);
  });
});

describe("the list of refunds", () => {
  test("is filtered by payment and status, among all that was ever done for a merchant", async () => {
    const [shop, stall] = [await served.shop(), await served.shop()];
    const [payment, other] = await paid(shop, [coffee, coffee]);
    for (const [of, state, decline] of [
      [payment, "succeeded", null],
      [payment, "unknown", null],
      [other, "declined", "card_declined"],
    ] as const)
      await refundRow(shop, of!, { state, decline });
    const listed = async (query = "", by = shop) => (await by.ask(`/v1/refunds?${query}`)).body.data;

    expect(await listed()).toMatchObject([
      { object: "refund", status: "failed", payment: other, failure: { code: "card_declined" } },
      { status: "pending", outcome: "unknown", payment },
      { id: expect.stringMatching(/^re_/), status: "succeeded", amount: 100, currency: "THB", failure: null, mode: "test" },
    ]);
    expect(await listed(`payment=${payment}`)).toHaveLength(2);
    expect(await listed("status=pending")).toMatchObject([{ payment }]);
    expect(await listed("", stall)).toEqual([]);
    expect(await listed(`payment=${payment}`, stall)).toEqual([]);
    expect(await allPages(shop, "/v1/refunds?limit=1")).toHaveLength(3);
  });
});

async function refundRow(shop: Shop, payment: string, { state, decline }: { state: string; decline: string | null }): Promise<void> {
  await served.rows.query(
    `insert into satang.operations (bucket, merchant_id, id, payment_id, kind, queue, state, amount, currency, provider, due_at, decline_code)
     select bucket, merchant_id, $3, id, 'refund', 'refunds', $4, 100, currency, provider, now() + interval '1 day', $5
     from satang.payments where merchant_id = $1 and id = $2`,
    [shop.id, parsePublicId("payment", payment)!.uuid, newUuid(), state, decline],
  );
}

describe("events", () => {
  test("are listed by type and by payment, and found by id", async () => {
    const shop = await served.shop();
    const [declined, good] = await paid(shop, [coffee, paidBy("tok_declined")]);

    const all = await shop.ask("/v1/events");
    const [newest] = all.body.data;

    expect(all.body.data.map(({ type, payment }: { type: string; payment: string }) => [type, payment])).toEqual([
      ["payment.failed", declined],
      ["payment.succeeded", good],
    ]);
    expect(newest).toEqual({
      id: expect.stringMatching(/^evt_/),
      ...{ object: "event", type: "payment.failed", payment: declined, operation: expect.stringMatching(/^op_/), mode: "test" },
      ...{ data: expect.objectContaining({ status: "failed", failure_code: "card_declined" }), created_at: expect.any(String) },
    });
    expect((await shop.ask(`/v1/events/${newest.id}`)).body).toEqual(newest);
    expect(idsOf(await shop.ask("/v1/events?type=payment.failed"))).toEqual([newest.id]);
    expect((await shop.ask(`/v1/events?payment=${good}`)).body.data).toMatchObject([{ payment: good }]);
  });

  test("of one merchant do not exist for another", async () => {
    const [shop, stall] = [await served.shop(), await served.shop()];
    const [payment] = await paid(shop, [coffee]);
    const id = idsOf(await shop.ask("/v1/events"))[0];

    expect(await stall.ask(`/v1/events/${id}`)).toMatchObject({ status: 404, body: { code: "event_not_found" } });
    expect(await stall.ask("/v1/events/evt_1")).toMatchObject({ status: 404, body: { code: "event_not_found" } });
    expect((await stall.ask(`/v1/events?payment=${payment}`)).body.data).toEqual([]);
  });
});

describe("a Consistency-Token", () => {
  test("is answered to a write that prefers one, and taken by a list", async () => {
    const shop = await served.shop();

    const plain = await shop.pay(coffee, { key: "a" });
    const { headers, body } = await shop.pay(coffee, { key: "b", headers: { prefer: "consistency-token" } });
    const token = headers.get("consistency-token")!;

    expect(plain.headers.get("consistency-token")).toBeNull();
    expect(token).toMatch(/^[0-9a-f]{16}$/);
    expect(idsOf(await shop.ask("/v1/payments", { headers: { "consistency-token": token } }))).toContain(body.id);
    expect(await shop.ask("/v1/payments", { headers: { "consistency-token": "now" } })).toMatchObject({
      status: 400,
      body: { code: "consistency_token_invalid" },
    });
  });
});
