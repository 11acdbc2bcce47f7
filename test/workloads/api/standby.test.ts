import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Ports } from "../../../operator/local/ports.ts";
import type { Books } from "../../../workloads/store/books.ts";
import { openBooks } from "../../../workloads/store/postgres-books.ts";
import { type Standby, startStandby } from "../../support/standby.ts";
import { type Served, serve } from "./served.ts";
import { type Answer, coffee, type Shop } from "./shop.ts";

let served: Served;
let standby: Standby;
let books: Books;
let beat: NodeJS.Timeout;
beforeAll(async () => {
  const { port } = await new Ports().take(30_100 + Math.floor(Math.random() * 2_000));
  served = await serve({ env: { DATABASE_REPLICA_URLS: `postgres://reader_of_standby:only-for-tests@127.0.0.1:${port}/satang` } });
  await served.rows.query("create role reader_of_standby login password 'only-for-tests' in role satang_reader");
  const primaryUrl = served.rows.options.connectionString!;
  standby = await startStandby({ primaryUrl, port });
  // As the dispatcher does: something is committed every few seconds, also while nobody pays.
  books = openBooks({ url: primaryUrl, applicationName: "test-books" });
  beat = setInterval(() => void books.close().catch(() => {}), 500);
});
afterAll(async () => {
  clearInterval(beat);
  await books.end();
  await standby[Symbol.asyncDispose]();
  await served[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await standby.server.start();
  await standby.delay(0);
  await eventually(async () => expect(await replayed()).toBe(true));
});

const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const report = `/v1/reports/volume?from=${day(-1)}&to=${day(2)}`;

const replayed = async (): Promise<boolean> =>
  (await standby.sql<{ done: boolean }>("select pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn() as done"))[0]!.done;

async function eventually(holds: () => Promise<unknown>): Promise<void> {
  const until = Date.now() + 60_000;
  for (;;) {
    try {
      return void (await holds());
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** A settled payment, and the token of a write after it. */
async function paidWithToken(shop: Shop, key: string): Promise<{ id: string; token: string }> {
  const { body } = await shop.pay(coffee, { key, headers: { prefer: "wait=20" } });
  const repeated = await shop.pay(coffee, { key, headers: { prefer: "consistency-token" } });
  return { id: body.id, token: repeated.headers.get("consistency-token")! };
}

const lists = ({ body }: Answer): string[] => body.data.map(({ id }: { id: string }) => id);
const lagOf = ({ headers }: Answer): number => Number(headers.get("replica-lag"));

describe("with a standby", () => {
  test("lists and reports are read there, and the primary is left alone", async () => {
    const shop = await served.shop();
    const { id } = await paidWithToken(shop, "a");

    await eventually(async () => expect(lists(await shop.ask("/v1/payments"))).toEqual([id]));
    await eventually(async () => expect((await shop.ask(report)).body.rows).toMatchObject([{ charges: 1, charged: 35_000 }]));

    const connections = "select count(*)::int as n from pg_stat_activity where application_name = 'satang-api-readers'";
    expect((await standby.sql<{ n: number }>(connections))[0]!.n).toBeGreaterThan(0);
  });

  test("a list that may not be older than a write is read from the primary, until the standby has come so far", async () => {
    const shop = await served.shop();
    const first = await paidWithToken(shop, "a");
    await eventually(async () => expect(lists(await shop.ask("/v1/payments"))).toEqual([first.id]));

    await standby.delay(3);
    const second = await paidWithToken(shop, "b");
    const stale = await shop.ask("/v1/payments");
    const own = await shop.ask("/v1/payments", { headers: { "consistency-token": second.token } });

    expect(lists(stale)).toEqual([first.id]);
    expect(lagOf(stale)).toBeGreaterThan(0);
    expect(Date.parse(stale.headers.get("data-as-of")!)).toBeLessThanOrEqual(Date.parse(own.body.data[0].updated_at));
    expect(lists(own)).toEqual([second.id, first.id]);
    expect(own.headers.get("replica-lag")).toBe("0.000");
  });

  test("a report that may not be older than a write waits for the standby, and never takes the primary", async () => {
    const shop = await served.shop();
    await standby.delay(3);
    const { token } = await paidWithToken(shop, "a");

    const early = await shop.ask(report, { headers: { "consistency-token": token } });
    const older = await shop.ask(report);

    expect(early).toMatchObject({ status: 503, body: { code: "replica_behind" } });
    expect(Number(early.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(older).toMatchObject({ status: 200, body: { rows: [] } });
    await eventually(async () => {
      const answer = await shop.ask(report, { headers: { "consistency-token": token } });
      expect(answer).toMatchObject({ status: 200, body: { rows: [{ charges: 1 }] } });
      expect(lagOf(answer)).toBeGreaterThan(0); // it is still behind, and far enough
    });
  });

  test("a standby that is far behind is passed over by lists, and says so in reports", async () => {
    const shop = await served.shop();
    await standby.delay(600);
    const { id } = await paidWithToken(shop, "a");

    await eventually(async () => expect(lists(await shop.ask("/v1/payments"))).toEqual([id])); // the primary has it
    const behind = await shop.ask(report);

    expect(behind.status).toBe(200);
    expect(lagOf(behind)).toBeGreaterThan(4);
    expect(behind.body.rows).toEqual([]);
  });

  test("one that is gone costs lists nothing, and reports a while", async () => {
    const shop = await served.shop();
    const { id } = await paidWithToken(shop, "a");
    await standby.server.kill();

    expect(lists(await shop.ask("/v1/payments"))).toEqual([id]);
    expect(await shop.ask(report)).toMatchObject({ status: 503, body: { code: "store_unavailable" } });

    await standby.server.start();
    await eventually(async () => expect(await shop.ask(report)).toMatchObject({ status: 200, body: { rows: [{ charges: 1 }] } }));
  });
});
