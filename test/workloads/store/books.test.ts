import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { balances } from "../../../workloads/store/balance.ts";
import type { Books } from "../../../workloads/store/books.ts";
import { openBooks } from "../../../workloads/store/postgres-books.ts";
import { openReaders, type Readers } from "../../../workloads/store/readers.ts";
import type { Store, Tenant } from "../../../workloads/store/store.ts";
import { aRequest, startDatabase, type TestDatabase } from "./database.ts";
import { paid } from "./paid.ts";

let database: TestDatabase;
let stores: { api: Store; worker: Store };
let books: Books;
let readers: Readers;
beforeAll(async () => {
  database = await startDatabase();
  stores = { api: database.as("api"), worker: database.as("worker") };
  books = openBooks({ url: database.urlOf("dispatcher"), applicationName: "test-books" });
  readers = openReaders({ url: database.urlOf("api"), replicaUrls: [], applicationName: "test-readers" });
});
afterAll(async () => {
  await Promise.all([books.end(), readers.close()]);
  await database[Symbol.asyncDispose]();
});

/** As a superuser whom no trigger stops. */
async function tamper(sql: string, values: unknown[] = []): Promise<void> {
  const client = await database.owner.connect();
  let done = false;
  try {
    await client.query("begin; set local session_replication_role = replica");
    await client.query(sql, values);
    await client.query("commit");
    done = true;
  } finally {
    client.release(!done);
  }
}

/** Lets time pass: everything in the books is so much older from now on. */
async function pass(time: string): Promise<void> {
  await tamper("update satang.ledger_entries set created_at = created_at - $1::interval", [time]);
  await tamper("update satang.folds set through = through - $1::interval", [time]);
  await tamper("update satang.checkpoints set through = through - $1::interval", [time]);
  await tamper(
    "update satang.books set closed_through = closed_through - $1::interval, looked_at = looked_at - $1::interval, checked_through = checked_through - $1::interval",
    [time],
  );
}

async function balanceOf(tenant: Tenant, account: string, before?: Date): Promise<number> {
  const all = await readers.read({ tenant, size: "small" }, (tx) => balances(tx, tenant, before));
  expect(all.reduce((sum, { amount }) => sum + amount, 0)).toBe(0);
  return all.find((one) => one.account === account)?.amount ?? 0;
}

const checkpoints = async (tenant: Tenant): Promise<number> =>
  (await database.owner.query("select count(*)::int as n from satang.checkpoints where merchant_id = $1", [tenant.merchantId])).rows[0].n;

const closedThrough = async (): Promise<Date> =>
  (await database.owner.query("select closed_through from satang.books")).rows[0].closed_through;

/** Two looks: the second sees the end of all that ran at the first. */
async function closeAndFold(): Promise<void> {
  await books.close();
  await books.close();
  while (await books.fold());
}

describe("a balance", () => {
  test("is the sum of all entries, folded or not, at each time", async () => {
    const tenant = await database.tenant();
    await paid(tenant, stores);
    await pass("1 hour");
    await closeAndFold();
    await paid(tenant, stores, { amount: 1_000 });
    await pass("1 hour");
    await closeAndFold();
    await paid(tenant, stores, { amount: 50 });
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);

    expect(await checkpoints(tenant)).toBe(4);
    expect(await balanceOf(tenant, "merchant.pending")).toBe(-(350 - 6 + 1_000 - 6 + 50 - 6));
    expect(await balanceOf(tenant, "merchant.pending", hoursAgo(0.5))).toBe(-(350 - 6 + 1_000 - 6));
    expect(await balanceOf(tenant, "merchant.pending", hoursAgo(1.5))).toBe(-(350 - 6));
    expect(await balanceOf(tenant, "merchant.pending", hoursAgo(24))).toBe(0);
  });

  test("is the same when the books are folded again, and by six at once", async () => {
    const tenant = await database.tenant();
    for (let i = 0; i < 3; i++) await paid(tenant, stores);
    await pass("1 hour");
    const others = Array.from({ length: 6 }, () => openBooks({ url: database.urlOf("dispatcher"), applicationName: "test-other-books" }));
    for (const other of others) await other.close();

    await Promise.all(others.map((other) => other.fold()));
    await books.fold();
    await Promise.all(others.map((other) => other.end()));

    expect(await checkpoints(tenant)).toBe(2);
    expect(await balanceOf(tenant, "merchant.pending")).toBe(-3 * (350 - 6));
  });

  test("misses nothing of a transaction that commits after later ones were folded", async () => {
    const [tenant, other] = [await database.tenant(), await database.tenant()];
    await pass("20 minutes");
    await books.close();
    const late = await begunEarlier(tenant);
    await paid(other, stores);
    await closeAndFold();
    await new Promise((resolve) => setTimeout(resolve, 3_000)); // half a minute after its date has passed, by the clock
    await closeAndFold();
    const whileOpen = await closedThrough();

    await late.query("commit");
    const dated = (await late.query("select created_at from satang.ledger_entries where merchant_id = $1 limit 1", [tenant.merchantId]))
      .rows[0];
    late.release();
    await closeAndFold();
    await pass("20 minutes");
    await closeAndFold();

    expect(whileOpen.getTime()).toBeLessThanOrEqual(dated.created_at.getTime());
    expect(await checkpoints(tenant)).toBe(2);
    expect(await balanceOf(tenant, "bank")).toBe(77);
  });
});

// Dated 28 s ago and not committed, as a commit is that waits for a standby.
async function begunEarlier(tenant: Tenant): Promise<pg.PoolClient> {
  const client = await database.owner.connect();
  await client.query("begin; set local session_replication_role = replica");
  await client.query(
    `insert into satang.ledger_entries (bucket, merchant_id, operation_id, line, account, currency, amount, created_at)
     select $1, $2, gen_random_uuid(), n, account, 'THB', amount, now() - interval '28 seconds'
     from (values (0, 'bank', 77), (1, 'suspense.unapplied', -77)) as l(n, account, amount)`,
    [tenant.bucket, tenant.merchantId],
  );
  return client;
}

describe("the books", () => {
  test("take no journal that is not dated now, or comes half a minute after its date", async () => {
    const tenant = await database.tenant();
    const insert = (date: string) =>
      `insert into satang.ledger_entries (bucket, merchant_id, operation_id, line, account, currency, amount, created_at)
       values (${tenant.bucket}, '${tenant.merchantId}', gen_random_uuid(), 0, 'bank', 'THB', 1, ${date}), (${tenant.bucket}, '${tenant.merchantId}', gen_random_uuid(), 1, 'bank', 'THB', -1, ${date})`;

    await expect(database.owner.query(insert("now() - interval '1 second'"))).rejects.toThrow("not dated now");
    const { rows } = await database.owner.query("select tgname from pg_trigger where tgname = 'in_time' order by 1");
    expect(rows).toHaveLength(2);
  });

  test("keep of old days only the last fold, and every balance stays right", async () => {
    const tenant = await database.tenant();
    for (let i = 0; i < 4; i++) {
      await paid(tenant, stores);
      await pass("20 minutes");
      await closeAndFold();
    }
    const minutes = [10, 30, 50, 70, 90];
    const ago = (days: number) =>
      Promise.all(minutes.map((m) => balanceOf(tenant, "merchant.pending", new Date(Date.now() - m * 60_000 - days * 86_400_000))));
    const before = await ago(0);

    await pass("3 days");
    await paid(tenant, stores);
    await pass("20 minutes");
    await closeAndFold();

    const old = "through < now() - interval '2 days'";
    const keptOf = async (what: string, each: string) => {
      const day = "date_trunc('day', through, 'UTC')";
      const { rows } = await database.owner.query(`select count(*)::int as n, count(distinct (${day}, ${each}))::int as days from ${what}`);
      return rows[0];
    };
    const folds = await keptOf(`satang.folds where ${old}`, "1");
    const points = await keptOf(`satang.checkpoints where ${old} and merchant_id = '${tenant.merchantId}'`, "account, currency");

    expect(before).toEqual([-1376, -1032, -688, -344, 0]);
    await pass("-20 minutes");
    expect(await ago(3)).toEqual(before);
    expect(await balanceOf(tenant, "merchant.pending")).toBe(-5 * 344);
    expect(folds.n).toBe(folds.days);
    expect(points.n).toBe(points.days);
    expect(await checkpoints(tenant)).toBeGreaterThan(2);
  });
});

describe("the check of the books", () => {
  test("finds nothing where nothing is wrong", async () => {
    const tenant = await database.tenant();
    await Promise.all(Array.from({ length: 20 }, () => paid(tenant, stores)));
    const open = await stores.api.accept(aRequest(tenant));
    if (open.result === "new") await stores.worker.claim(open.operation);
    await tamper("delete from satang.ledger_entries where operation_id not in (select id from satang.operations)"); // of the tests above

    await books.check();
    const { offBy, found } = await books.check();

    expect({ offBy, found }).toEqual({ offBy: 0, found: [] });
  });

  test.each([
    [
      "an entry that was changed",
      "update satang.ledger_entries set amount = amount + 5 where operation_id = $1 and line = 0",
      "sum to zero",
      5,
    ],
    ["a journal that was taken away", "delete from satang.ledger_entries where operation_id = $1", "no journal", 350],
    ["a captured amount that was changed", "update satang.payments set captured = captured - 50 where id = $2", "captured", 50],
    ["an operation that is no longer done", "update satang.operations set state = 'declined' where id = $1", "did not move", 356],
    ["an operation over another amount", "update satang.operations set amount = 351 where id = $1", "another amount", 1],
    ["an operation that is gone", "delete from satang.operations where id = $1", "no operation", 356],
  ])("finds %s, in books of any age, and forgets it once it is right again", async (_, sql, says, offBy) => {
    const tenant = await database.tenant();
    const { payment, operation } = await paid(tenant, stores);
    await pass("40 days");
    await books.check();
    const backup = await Promise.all(["ledger_entries", "payments", "operations"].map((table) => rowsOf(table, tenant)));

    await tamper(`${sql}${sql.includes("$2") ? " and $1::uuid is not null" : " and $2::uuid is not null"}`, [operation.id, payment.id]);
    const wrong = await books.check();
    const again = await books.check();
    for (const [i, table] of ["ledger_entries", "payments", "operations"].entries()) await putBack(table, tenant, backup[i]!);
    const right = await books.check();

    expect(wrong.found.map(({ fault }) => fault).join()).toContain(says);
    expect([wrong.offBy, again.offBy, again.found, right.offBy]).toEqual([offBy, offBy, [], 0]);
  });
});

type Rows = Record<string, unknown>[];

async function rowsOf(table: string, { merchantId }: Tenant): Promise<Rows> {
  return (
    await database.owner.query(`select to_jsonb(t) - 'is_open' as row from satang.${table} t where merchant_id = $1`, [merchantId])
  ).rows.map(({ row }) => row);
}

async function putBack(table: string, { merchantId }: Tenant, rows: Rows): Promise<void> {
  await tamper(`delete from satang.${table} where merchant_id = $1`, [merchantId]);
  const columns = Object.keys(rows[0]!).join(", ");
  await tamper(
    `insert into satang.${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::satang.${table}, $1::jsonb)`,
    [JSON.stringify(rows)],
  );
}
