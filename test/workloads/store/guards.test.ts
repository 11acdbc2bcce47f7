import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bucketOf, newUuid } from "../../../workloads/payment/id.ts";
import { edges, paymentStatuses } from "../../../workloads/payment/payment.ts";
import { settlementOf } from "../../../workloads/payment/settlement.ts";
import { migrate, pending } from "../../../workloads/store/migrate.ts";
import { openStore } from "../../../workloads/store/postgres-store.ts";
import { type Store, StoreUnavailable } from "../../../workloads/store/store.ts";
import { aRequest, startDatabase, type TestDatabase } from "./database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

async function as(role: "api" | "worker" | "dispatcher", sql: string): Promise<string> {
  const client = new pg.Client({ connectionString: database.urlOf(role) });
  await client.connect();
  try {
    await client.query(sql);
    return "done";
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end();
  }
}

describe("the database", () => {
  test("knows the same edges as the code", async () => {
    const { rows } = await database.owner.query(
      `select f, t from unnest($1::text[]) as f, unnest($1::text[]) as t where satang.may_move(f, t)`,
      [paymentStatuses],
    );
    const ours = Object.entries(edges).flatMap(([from, tos]) => tos.map((to) => `${from} → ${to}`));

    expect(rows.map(({ f, t }) => `${f} → ${t}`).toSorted()).toEqual(ours.toSorted());
  });

  test("puts a merchant into the same bucket as the code", async () => {
    const ids = Array.from({ length: 200 }, () => newUuid());
    const { rows } = await database.owner.query(
      "select satang.bucket_of(id) as bucket from unnest($1::uuid[]) with ordinality as i(id, n) order by n",
      [ids],
    );

    expect(rows.map(({ bucket }) => bucket)).toEqual(ids.map(bucketOf));
  });

  test.each([
    ["worker", "update satang.ledger_entries set amount = 1"],
    ["worker", "delete from satang.ledger_entries"],
    ["worker", "delete from satang.payments"],
    ["worker", "insert into satang.payments default values"],
    ["worker", "select from satang.api_keys"],
    ["api", "update satang.payments set status = 'succeeded'"],
    ["api", "update satang.ledger_entries set amount = 1"],
    ["api", "update satang.operations set state = 'succeeded'"],
    ["dispatcher", "update satang.payments set status = 'succeeded'"],
    ["dispatcher", "delete from satang.ledger_entries"],
    ["dispatcher", "insert into satang.events default values"],
    ["api", "create table satang.mine (id int)"],
  ] as const)("does not let the %s do what is not its work: %s", async (role, sql) => {
    expect(await as(role, sql)).toMatch(/permission denied/);
  });

  test("lets not even its owner change what is written in the books", async () => {
    for (const sql of ["update satang.ledger_entries set amount = 1", "delete from satang.events", "truncate satang.ledger_entries"]) {
      await expect(database.owner.query(sql)).rejects.toThrow("append-only");
    }
  });

  test("refuses an amount, a bucket or a refund that cannot be", async () => {
    const tenant = await database.tenant();
    const accepted = await database.as("api").accept(aRequest(tenant));
    if (accepted.result !== "new") throw new Error(accepted.result);
    const set = (what: string) => database.owner.query(`update satang.payments set ${what} where id = $1`, [accepted.payment.id]);

    await expect(set("captured = amount + 1")).rejects.toThrow("check");
    await expect(set("refunded = 1")).rejects.toThrow("check");
    await expect(set("currency = 'thb'")).rejects.toThrow("check");
    await expect(
      database.owner.query("insert into satang.merchants (bucket, id, name) values (0, $1, 'x')", [tenant.merchantId]),
    ).rejects.toThrow("check");
  });

  test("keeps updates of payments and claims on their page", async () => {
    const [api, tenant] = [database.as("api"), await database.tenant()];
    const accepted = await Promise.all(Array.from({ length: 300 }, () => api.accept(aRequest(tenant))));
    const refs = accepted.flatMap((answer) => (answer.result === "new" ? [answer.operation] : []));
    const before = await updates();

    const claims = await withWorker((worker) => Promise.all(refs.map((ref) => worker.claim(ref))));
    const afterClaims = await updates();
    await withWorker((worker) =>
      Promise.all(
        claims.map((operation) =>
          worker.settle(operation!, settlementOf(operation!, { kind: "succeeded", providerReference: "ch", fee: 6 })),
        ),
      ),
    );
    const afterSettling = await updates();

    // A page that is full has no room for the new version, so it is never all of them.
    for (const { all, hot } of [grown("operations", before, afterClaims), grown("payments", before, afterSettling)]) {
      expect(all).toBe(300);
      expect(hot / all).toBeGreaterThan(0.8);
    }
  });
});

// A session tells its figures at the latest when it ends.
async function withWorker<T>(use: (worker: Store) => Promise<T>): Promise<T> {
  const worker = openStore({ url: database.urlOf("worker"), connections: 2, applicationName: "test-hot" });
  try {
    return await use(worker);
  } finally {
    await worker.close();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

type Updates = ReadonlyMap<string, { all: number; hot: number }>;

async function updates(): Promise<Updates> {
  const { rows } = await database.owner.query("select relname, n_tup_upd::int as all, n_tup_hot_upd::int as hot from pg_stat_user_tables");
  return new Map(rows.map(({ relname, all, hot }) => [relname, { all, hot }]));
}

function grown(table: string, from: Updates, to: Updates): { all: number; hot: number } {
  return { all: to.get(table)!.all - from.get(table)!.all, hot: to.get(table)!.hot - from.get(table)!.hot };
}

describe("migrations", () => {
  test("run once when two start at the same time, and not again", async () => {
    await database.owner.query("create database twice");
    const url = Object.assign(new URL(database.ownerUrl), { pathname: "/twice" }).href;

    const applied = await Promise.all([migrate(url), migrate(url), migrate(url)]);

    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
    expect(await migrate(url)).toEqual([]);
  });

  const of = (...names: string[]) => names.map((name) => ({ name, hash: name, sql: "" }));
  const [first, second, taken, third] = ["001-a.sql", "002-b.sql", "003-b.contract.sql", "004-c.sql"] as const;

  test("refuse a file that was changed after it was applied, and a database from which a newer version has taken something away", () => {
    expect(() => pending(of(first), [{ name: first, hash: "another" }])).toThrow(`${first} was changed after it was applied`);
    expect(() => pending(of(first), of(first, second, taken))).toThrow(`${taken}, which this version does not know`);
    expect(pending(of(first), [])).toEqual(of(first));
  });

  test("let a version run on what the next one has added, so that it can be rolled back to", () => {
    expect(pending(of(first), of(first, second))).toEqual([]);
  });

  test("take away what a version no longer needs only when it is left for the next, and nobody runs the one before it", () => {
    const names = (applied: string[], ...ours: string[]) => pending(of(...ours), of(...applied)).map(({ name }) => name);

    expect(names([first], first, second, taken)).toEqual([second]);
    expect(names([first, second], first, second, taken)).toEqual([]);
    expect(names([first, second], first, second, taken, third)).toEqual([taken, third]);
    expect(names([first], first, second, taken, third)).toEqual([second, third]);
    expect(names([first, second, taken, third], first, second, taken, third)).toEqual([]);
  });
});

describe("without a primary", () => {
  test("every call says so, and none says anything else", async () => {
    const [store, tenant] = [database.as("api"), await database.tenant()];
    await store.ping();
    await database.owner.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'satang_api_login'");
    await database.owner.query("alter role satang_api_login nologin");

    const outcome = await store.accept(aRequest(tenant)).catch((error: unknown) => error);
    await database.owner.query("alter role satang_api_login login");

    expect(outcome).toBeInstanceOf(StoreUnavailable);
    expect((await store.accept(aRequest(tenant))).result).toBe("new");
  });
});
