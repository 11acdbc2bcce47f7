import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newUuid } from "../../../workloads/payment/id.ts";
import { openBooks } from "../../../workloads/store/postgres-books.ts";
import { type Served, serve } from "./served.ts";
import { coffee, type Shop } from "./shop.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served[Symbol.asyncDispose]());

const wait = { headers: { prefer: "wait=20" } };
const paidBy = (token: string) => ({ ...coffee, method: { type: "card", token } });

/** Pays, and lets it have been posted at another time: superusers alone may do that. */
async function paidAt(shop: Shop, time: string, request: object = coffee): Promise<void> {
  const { body } = await shop.pay(request, { key: newUuid(), ...wait });
  expect(["succeeded", "failed"]).toContain(body.status);
  const client = await served.rows.connect();
  await client.query("begin; set local session_replication_role = replica");
  for (const [table, column] of [
    ["ledger_entries", "created_at"],
    ["events", "created_at"],
    ["operations", "created_at"],
    ["operations", "settled_at"],
  ])
    await client.query(`update satang.${table} set ${column} = $2 where merchant_id = $1 and ${column} > now() - interval '1 minute'`, [
      shop.id,
      time,
    ]);
  // Ids hold times, too.
  await client.query(
    `update satang.events set id = (lpad(to_hex((extract(epoch from created_at) * 1000)::bigint), 12, '0') || substr(replace(id::text, '-', ''), 13))::uuid where merchant_id = $1`,
    [shop.id],
  );
  await client.query("commit");
  client.release();
}

async function closeBooks(): Promise<void> {
  const books = openBooks({ url: served.rows.options.connectionString!, applicationName: "test-books" });
  await books.close();
  await books.close();
  await books.end();
}

const january = "from=2026-01-01&to=2026-02-01";

describe("the report of volume", () => {
  test("counts by the days of the time zone that is asked for", async () => {
    const shop = await served.shop();
    await paidAt(shop, "2026-01-05T16:59:59Z");
    await paidAt(shop, "2026-01-05T17:00:00Z"); // midnight in Bangkok
    await paidAt(shop, "2026-01-06T16:00:00Z", { ...coffee, amount: 100, currency: "JPY" });
    const rowsOf = async (query: string) =>
      (await shop.ask(`/v1/reports/volume?${january}&${query}`)).body.rows.map((row: object) => Object.values(row).slice(1, 5));

    expect(await rowsOf("time_zone=Asia/Bangkok")).toEqual([
      ["2026-01-05T00:00", "THB", 1, 35_000],
      ["2026-01-06T00:00", "JPY", 1, 100],
      ["2026-01-06T00:00", "THB", 1, 35_000],
    ]);
    expect(await rowsOf("time_zone=UTC")).toEqual([
      ["2026-01-05T00:00", "THB", 2, 70_000],
      ["2026-01-06T00:00", "JPY", 1, 100],
    ]);
    expect(await rowsOf("granularity=month")).toEqual([
      ["2026-01-01T00:00", "JPY", 1, 100],
      ["2026-01-01T00:00", "THB", 2, 70_000],
    ]);
    expect((await rowsOf("granularity=week"))[0]![0]).toBe("2026-01-05T00:00");
  });

  test("keeps days of 23 and 25 hours apart, and both hours that a clock shows twice", async () => {
    const shop = await served.shop();
    const zone = "time_zone=Europe/Berlin";
    for (const time of [
      "2025-10-25T22:30:00Z",
      "2025-10-26T00:30:00Z",
      "2025-10-26T01:30:00Z",
      "2025-10-26T22:59:59Z",
      "2025-10-26T23:00:00Z",
    ])
      await paidAt(shop, time);
    const days = await shop.ask(`/v1/reports/volume?from=2025-10-25&to=2025-10-28&${zone}`);
    const hours = await shop.ask(`/v1/reports/volume?from=2025-10-26&to=2025-10-27&${zone}&granularity=hour`);

    expect(days.body.rows.map((row: { local_start: string; charges: number }) => [row.local_start, row.charges])).toEqual([
      ["2025-10-26T00:00", 4],
      ["2025-10-27T00:00", 1],
    ]);
    expect(hours.body.rows.map((row: { start: string; local_start: string }) => [row.start, row.local_start])).toEqual([
      ["2025-10-25T22:00:00.000Z", "2025-10-26T00:00"],
      ["2025-10-26T00:00:00.000Z", "2025-10-26T02:00"],
      ["2025-10-26T01:00:00.000Z", "2025-10-26T02:00"],
      ["2025-10-26T22:00:00.000Z", "2025-10-26T23:00"],
    ]);
  });

  test("is CSV for who prefers that, with the same figures", async () => {
    const shop = await served.shop();
    await paidAt(shop, "2026-01-05T10:00:00Z");

    const csv = await shop.ask(`/v1/reports/volume?${january}`, { headers: { accept: "text/csv" } });
    const asked = await shop.ask(`/v1/reports/volume?${january}&format=csv`);
    const { body } = await shop.ask(`/v1/reports/volume?${january}`);

    expect(csv.headers.get("content-type")).toMatch(/^text\/csv/);
    expect(asked.text).toBe(csv.text);
    const [header, line, end] = csv.text.split("\r\n");
    expect(header).toBe(Object.keys(body.rows[0]).join(","));
    expect(line).toBe(Object.values(body.rows[0]).join(","));
    expect(end).toBe("");
  });
});

describe("a closed period", () => {
  test("is the same bytes for ever, whatever happens later, and says that it is closed", async () => {
    const shop = await served.shop();
    await paidAt(shop, "2026-01-05T10:00:00Z");
    await paidAt(shop, "2026-01-06T10:00:00Z", paidBy("tok_declined"));
    await closeBooks();
    const paths = ["volume", "success-rate", "settlement"].map((name) => `/v1/reports/${name}?${january}&time_zone=Asia/Bangkok`);
    const first = await Promise.all([shop.ask(paths[0]!), shop.ask(paths[1]!)]);
    first.push(await shop.ask(paths[2]!));

    await paidAt(shop, "2026-02-05T10:00:00Z");
    await shop.pay(coffee, { key: "now", ...wait });

    for (const [i, path] of paths.entries()) {
      const again = await shop.ask(path);
      expect(again.text).toBe(first[i]!.text);
      expect(again.body).toMatchObject({ closed: true });
      expect(again.body.rows).not.toEqual([]);
      expect(again.headers.get("content-digest")).toBe(`sha-256=:${createHash("sha256").update(again.text).digest("base64")}:`);
      expect(await shop.ask(path, { headers: { "if-none-match": again.headers.get("etag")! } })).toMatchObject({ status: 304, text: "" });
    }
  });

  test("is none that ends now, or later", async () => {
    const shop = await served.shop();
    await closeBooks();
    const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

    expect((await shop.ask(`/v1/reports/volume?from=${day(-1)}&to=${day(1)}`)).body.closed).toBe(false);
  });
});

test("the report of success says how charges ended, how fast, and why not", async () => {
  const shop = await served.shop();
  for (const token of ["tok_visa", "tok_visa", "tok_declined", "tok_insufficient_funds", "tok_declined"])
    await paidAt(shop, "2026-01-05T10:00:00Z", paidBy(token));

  const { body } = await shop.ask(`/v1/reports/success-rate?${january}`);
  const csv = await shop.ask(`/v1/reports/success-rate?${january}&format=csv`);

  expect(body.rows).toEqual([
    {
      ...{ start: "2026-01-05T00:00:00.000Z", local_start: "2026-01-05T00:00", provider: "simulator" },
      ...{ succeeded: 2, declined: 3, success_basis_points: 4_000, p50_ms: expect.any(Number), p95_ms: expect.any(Number) },
      declines: { card_declined: 2, insufficient_funds: 1 },
    },
  ]);
  expect(csv.text).toContain("card_declined=2 insufficient_funds=1");
});

test("the report of settlement adds up from opening to closing, row after row, to what the balance says", async () => {
  const shop = await served.shop();
  await paidAt(shop, "2025-12-31T10:00:00Z");
  await paidAt(shop, "2026-01-05T10:00:00Z");
  await paidAt(shop, "2026-01-07T10:00:00Z", { ...coffee, amount: 1_000 });

  const { rows } = (await shop.ask(`/v1/reports/settlement?${january}`)).body;
  const { accounts } = (await shop.ask("/v1/balance?at=2026-02-01T00:00:00Z")).body;

  expect(rows).toHaveLength(2);
  expect(rows[0].opening).toBeGreaterThan(0);
  expect(rows[1].opening).toBe(rows[0].closing);
  for (const row of rows) expect(row.opening + row.charged - row.fees - row.refunded + row.other).toBe(row.closing);
  expect(accounts).toContainEqual({ account: "provider.receivable:simulator", currency: "THB", amount: rows[1].closing });
});

test.each([
  ["volume?from=2026-01-01&to=2028-01-01", "report_too_large"],
  ["volume?from=2026-01-01&to=2026-03-01&granularity=hour", "report_too_large"],
  ["volume?from=2026-01-01&to=2026-01-01", "parameter_invalid"],
  ["volume?from=2026-01-01", "parameter_missing"],
  ["settlement?from=2026-01-01&to=2026-02-01&time_zone=Nowhere/Land", "parameter_invalid"],
  ["settlement?from=2026-01-01&to=2026-02-01&format=pdf", "parameter_invalid"],
  ["success-rate?from=2026-01-01&to=2026-02-01&granularity=year", "parameter_invalid"],
])("refuses reports/%s", async (query, code) => {
  const shop = await served.shop();

  expect(await shop.ask(`/v1/reports/${query}`)).toMatchObject({ status: 400, body: { code } });
});

describe("the balance", () => {
  test("is what was charged less fees, at any time, and another's is another's", async () => {
    const [shop, stall] = [await served.shop(), await served.shop()];
    await paidAt(shop, "2026-01-05T10:00:00Z");
    await shop.pay(coffee, { key: "now", ...wait });

    const now = (await shop.ask("/v1/balance")).body;
    const then = (await shop.ask("/v1/balance?at=2026-01-31T00:00:00%2B07:00")).body;

    expect(now).toMatchObject({ object: "balance", at: null, available: [], pending: [{ currency: "THB" }] });
    expect(then.pending).toEqual([{ amount: now.pending[0].amount / 2, currency: "THB" }]);
    expect(then.accounts.reduce((sum: number, { amount }: { amount: number }) => sum + amount, 0)).toBe(0);
    expect((await stall.ask("/v1/balance")).body.accounts).toEqual([]);
    expect(await shop.ask("/v1/balance?at=2999-01-01T00:00:00Z")).toMatchObject({
      status: 400,
      body: { code: "parameter_invalid", param: "at" },
    });
  });
});
