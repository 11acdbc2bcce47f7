import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Route } from "../../../workloads/api/route.ts";
import { newApiKey, readApiKey } from "../../../workloads/api-key.ts";
import { bucketOf, newUuid, publicId } from "../../../workloads/payment/id.ts";
import { askRoute, livePaths, nameOf, pathOf, table } from "./route-table.ts";
import { type Served, serve } from "./served.ts";
import { coffee, type Json, type Shop } from "./shop.ts";

const named = (routes: readonly Route[]) => routes.map((route) => [nameOf(route), route] as const);
const ofMerchants = table.filter(({ access }) => access !== "admin" && access !== "public");
const byId = ofMerchants.filter(({ path }) => path.includes("{"));
const lists = ofMerchants.filter(({ load, path }) => load === "list" && !path.includes("{"));

let served: Served;
let owner: Shop;
let other: Shop;
let ids: string[]; // everything of the owner's that has an id, and his Idempotency-Keys
beforeAll(async () => {
  served = await serve();
  [owner, other] = [await served.shop(), await served.shop()];
  for (const key of ["order-1", "order-2", "order-3"])
    await owner.pay({ ...coffee, reference: key }, { key, headers: { prefer: "wait=20" } });
  const merchant = publicId("merchant", bucketOf(owner.id), owner.id);
  const paths = await livePaths(served, { merchant, secretKey: owner.secretKey });
  const pages = await Promise.all(lists.map(({ path }) => owner.ask(`${path}?limit=100`)));
  const told = [...byId.map((route) => paths.get(route)!), ...pages.map(({ text }) => text)].join(" ");
  ids = ["order-1", ...new Set(told.match(/\b[a-z]{2,4}_[0-9a-z]{29}\b/g))].filter((id) => !id.endsWith("0".repeat(29)));
});
afterAll(() => served[Symbol.asyncDispose]());

describe("what belongs to another merchant", () => {
  test("is there, so that these tests try something", () => {
    expect(ids.filter((id) => id.startsWith("pay_"))).toHaveLength(4);
    expect(ids.filter((id) => id.startsWith("evt_")).length).toBeGreaterThanOrEqual(3);
  });

  test.for(named(byId))("is to %s as if it were not there", async ([, route]) => {
    const key = other.secretKey;
    for (const id of ids) {
      const prefix = id.match(/^[a-z]+(?=_)/)?.[0];
      const theirs = await askRoute(served.url, route, { key, path: pathOf(route, id) });
      const nobodys = await askRoute(served.url, route, { key, path: pathOf(route, prefix ? likeIt(prefix) : "order-of-nobody") });

      expect([id, theirs.status, theirs.body.code]).toEqual([id, nobodys.status, nobodys.body.code]);
      expect([400, 404]).toContain(theirs.status);
      expect(theirs.text).not.toContain(id);
    }
  });

  test.for(named(lists))("is not in %s, also not with the owner's cursor", async ([, { path }]) => {
    const mine = await owner.ask(`${path}?limit=1`);
    const theirs = await other.ask(path);
    expect(theirs).toMatchObject({ status: 200, body: { data: [], has_more: false } });
    if (!mine.body.has_more) return;

    const paged = await other.ask(`${path}?limit=1&cursor=${mine.body.next_cursor}`);

    expect(paged).toMatchObject({ status: 400, body: { code: "cursor_invalid" } });
    for (const id of ids) expect(paged.text).not.toContain(id);
  });

  test("is not paid, nor shown, by an Idempotency-Key that he used", async () => {
    const answer = await other.pay({ ...coffee, amount: 100 }, { key: "order-1" });

    expect(answer.status).toBe(202);
    expect(answer.headers.get("idempotent-replayed")).toBeNull();
    expect(ids).not.toContain(answer.body.id);
    const looked = await other.ask("/v1/idempotency-keys/order-1");
    expect(looked.body.payment).toBe(answer.body.id);
  });

  test("stays when a request names the owner in its body, its query or a header", async () => {
    const id = publicId("merchant", bucketOf(owner.id), owner.id);
    const before = await owner.count("payments");
    const bodies = [{ merchant: id }, { merchant_id: owner.id }, { account: id }].map((more) =>
      other.pay({ ...coffee, ...more }, { key: newUuid() }),
    );
    for (const answer of await Promise.all(bodies)) expect(answer).toMatchObject({ status: 400, body: { code: "parameter_unknown" } });

    const headers = { "x-merchant-id": owner.id, "satang-merchant": id, "stripe-account": id };
    const paid = await other.pay(coffee, { key: "as the owner", headers });

    expect(paid.status).toBe(202);
    expect(await owner.count("payments")).toBe(before);
    for (const { path } of lists) expect((await other.ask(`${path}?merchant=${id}`)).body.code ?? "none").toBe("parameter_unknown");
  });
});

const likeIt = (prefix: string): string => publicId("payment", bucketOf(other.id), newUuid()).replace(/^pay/, prefix);

describe("the look-up of a key", () => {
  test("is by a hash of it, so that nothing is compared that could be guessed letter by letter", async () => {
    const { rows } = await served.rows.query("explain (format json) select 1 from satang.api_keys where key_hash = $1", [Buffer.alloc(32)]);
    const { rows: columns } = await served.rows.query("select column_name from information_schema.columns where table_name = 'api_keys'");

    expect(JSON.stringify(rows)).toContain("key_hash");
    expect(columns.map(({ column_name }) => column_name)).not.toContain("secret");
  });

  test("takes as long for a key that begins as a good one does as for any other", async () => {
    const good = owner.secretKey;
    expect(readApiKey(endedAnew(good.slice(0, -8)))).toEqual({ kind: "sk", mode: "test" });
    const times: { near: number[]; far: number[] } = { near: [], far: [] };
    for (let i = 0; i < 200; i++) {
      times.near.push(await timed(endedAnew(good.slice(0, -8))));
      times.far.push(await timed(newApiKey("sk", "test")));
    }

    const [a, b] = [median(times.near), median(times.far)];
    expect(Math.max(a, b) / Math.min(a, b), `${a} ms against ${b} ms`).toBeLessThan(1.5);
  });
});

/** A key with this beginning whose checksum is right. */
function endedAnew(beginning: string): string {
  const said = beginning + newApiKey("sk", "test").slice(beginning.length, -6);
  const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return said + Array.from({ length: 6 }, (_, i) => digits[Math.floor(crc32(said) / 62 ** (5 - i)) % 62]).join("");
}

async function timed(key: string): Promise<number> {
  const start = performance.now();
  const answer = await fetch(`${served.url}/v1/payments`, { headers: { authorization: `Bearer ${key}` } });
  const { code } = (await answer.json()) as Json;
  expect(code).toBe("api_key_invalid");
  return performance.now() - start;
}

const median = (numbers: number[]): number => numbers.toSorted((x, y) => x - y)[numbers.length >> 1]!;
