import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newUuid } from "../../../workloads/payment/id.ts";
import { balances } from "../../../workloads/store/balance.ts";
import { listEvents } from "../../../workloads/store/list-events.ts";
import { listPayments } from "../../../workloads/store/list-payments.ts";
import type { Place } from "../../../workloads/store/page.ts";
import type { ReadTransaction } from "../../../workloads/store/read-transaction.ts";
import { openReaders, type Readers } from "../../../workloads/store/readers.ts";
import { volume } from "../../../workloads/store/report-volume.ts";
import type { Tenant } from "../../../workloads/store/store.ts";
import { startDatabase, type TestDatabase } from "./database.ts";

let database: TestDatabase;
let readers: Readers;
let tenant: Tenant;
beforeAll(async () => {
  database = await startDatabase();
  readers = openReaders({ url: database.urlOf("api"), replicaUrls: [], applicationName: "test-plans" });
  tenant = await database.tenant();
  await fill([tenant, await database.tenant(), await database.tenant(), await database.tenant()]);
});
afterAll(async () => {
  await readers.close();
  await database[Symbol.asyncDispose]();
});

const paymentsEach = 15_000;

/** Payments of a month, of each merchant, with their events and entries; one in ten thousand failed. */
async function fill(tenants: Tenant[]): Promise<void> {
  const client = await database.owner.connect();
  await client.query("set session_replication_role = replica");
  await client.query(`create function pg_temp.id_at(t timestamptz) returns uuid language sql volatile as $$
    select encode(set_byte(overlay(uuid_send(gen_random_uuid()) placing substring(int8send((extract(epoch from t) * 1000)::bigint) from 3) from 1 for 6), 6, 112), 'hex')::uuid $$`);
  for (const { bucket, merchantId } of tenants) {
    const values = [bucket, merchantId, paymentsEach];
    await client.query(
      `create temp table made as select n, t, pg_temp.id_at(t) as payment, pg_temp.id_at(t) as operation
       from (select n, date_trunc('second', now()) - interval '30 days' + n * interval '30 days' / ${paymentsEach} as t from generate_series(1, ${paymentsEach}) as n) as times`,
    );
    await client.query(
      `insert into satang.payments (bucket, merchant_id, id, mode, status, amount, currency, captured, capture, method_type, provider, created_at, updated_at)
       select $1, $2, payment, 'test', case when n % 10000 = 1 then 'failed' else 'succeeded' end, 100, 'THB', 100, 'automatic', 'card', 'simulator', t, t from made where n <= $3`,
      values,
    );
    await client.query(
      `insert into satang.operations (bucket, merchant_id, id, payment_id, kind, queue, state, amount, currency, provider, due_at, created_at, settled_at)
       select $1, $2, operation, payment, 'charge', 'payments', 'succeeded', 100, 'THB', 'simulator', t, t, t from made where n <= $3`,
      values,
    );
    await client.query(
      `insert into satang.events (bucket, merchant_id, id, mode, type, payment_id, operation_id, data, created_at)
       select $1, $2, pg_temp.id_at(t), 'test', 'payment.succeeded', payment, operation, '{}', t from made where n <= $3`,
      values,
    );
    await client.query(
      `insert into satang.ledger_entries (bucket, merchant_id, operation_id, line, account, currency, amount, created_at)
       select $1, $2, operation, line, account, 'THB', amount, t from made, (values (0, 'provider.receivable:simulator', 100), (1, 'merchant.pending', -100)) as l(line, account, amount) where n <= $3`,
      values,
    );
    await client.query("drop table made");
  }
  await client.query("analyze satang.payments, satang.operations, satang.events, satang.ledger_entries");
  client.release(true);
}

type Node = {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Index Cond"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  Plans?: Node[];
};
const flat = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(flat)];

/** What a read does, and the plans that its statements really had. */
async function planned<T>(use: (tx: ReadTransaction) => Promise<T>): Promise<{ answer: T; nodes: Node[]; touched: number }> {
  return readers.read({ tenant, size: "small" }, async (tx) => {
    const nodes: Node[] = [];
    const answer = await use({
      ...tx,
      async query<Row extends object>(text: string, values?: readonly unknown[]) {
        const [row] = await tx.query<{ "QUERY PLAN": [{ Plan: Node }] }>(`explain (analyze, format json) ${text}`, values);
        nodes.push(...flat(row!["QUERY PLAN"][0].Plan));
        return tx.query<Row>(text, values);
      },
    });
    const scans = nodes.filter((node) => node["Relation Name"] !== undefined);
    const touched = scans.reduce(
      (sum, node) => sum + (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"],
      0,
    );
    return { answer, nodes, touched };
  });
}

const newest: Place = { after: undefined, limit: 25, createdFrom: undefined, createdBefore: undefined };
const walksBack = {
  "Node Type": "Index Scan",
  "Scan Direction": "Backward",
  "Index Cond": expect.stringMatching(/bucket.*merchant_id.*id < /),
};

describe("a list", () => {
  test("reads a page and no more, from the end of the primary key, also deep in the list", async () => {
    const first = await planned((tx) => listPayments(tx, tenant, { status: undefined, reference: undefined }, newest));
    const middle = await planned(async (tx) => {
      const createdBefore = new Date(Date.now() - 15 * 86_400_000);
      return listPayments(tx, tenant, { status: "succeeded", reference: undefined }, { ...newest, createdBefore });
    });

    for (const { answer, nodes, touched } of [first, middle]) {
      expect(answer.items).toHaveLength(25);
      expect(nodes).toContainEqual(expect.objectContaining({ ...walksBack, "Index Name": "payments_pkey" }));
      expect(nodes.map((node) => node["Node Type"])).not.toContain("Sort");
      expect(touched).toBeLessThan(100);
    }
  });

  test("ends a page after ten thousand rows where its filter finds little, and finds it in the end", async () => {
    const pages = [];
    for (let after: string | undefined; pages.length < 3; ) {
      const page = await planned((tx) => listPayments(tx, tenant, { status: "failed", reference: undefined }, { ...newest, after }));
      pages.push(page);
      after = page.answer.next;
      if (after === undefined) break;
    }

    expect(pages.map(({ answer }) => answer.items.length)).toEqual([1, 1]);
    for (const { touched } of pages) expect(touched).toBeLessThanOrEqual(3 * 10_000); // the walk, its filter, and the place where it ended
  });

  test("of a payment's events looks at the time in which they were made", async () => {
    const { items } = await readers.read({ tenant, size: "small" }, (tx) =>
      listPayments(
        tx,
        tenant,
        { status: undefined, reference: undefined },
        { ...newest, createdBefore: new Date(Date.now() - 20 * 86_400_000) },
      ),
    );

    const { answer, nodes, touched } = await planned((tx) => listEvents(tx, tenant, { type: undefined, paymentId: items[7]!.id }, newest));

    expect(answer.items).toMatchObject([{ paymentId: items[7]!.id }]);
    expect(nodes).toContainEqual(expect.objectContaining({ ...walksBack, "Index Name": "events_pkey" }));
    expect(touched).toBeLessThan(100);
  });

  test("takes ids of nobody, and of before all time", async () => {
    const read = (place: Partial<Place>) =>
      readers.read({ tenant, size: "small" }, (tx) =>
        listPayments(tx, tenant, { status: undefined, reference: undefined }, { ...newest, ...place }),
      );

    expect((await read({ after: newUuid() })).items).toHaveLength(25);
    expect((await read({ createdBefore: new Date("1960-01-01T00:00:00Z") })).items).toEqual([]);
    expect((await read({ createdFrom: new Date("9999-01-01T00:00:00Z") })).items).toEqual([]);
  });
});

describe("what sums over the books", () => {
  test("reads the entries of its time, by the index that is in the order of time", async () => {
    const before = new Date();
    const from = new Date(before.getTime() - 2 * 86_400_000);
    const period = { from, before, closed: false };

    const { answer, nodes, touched } = await planned((tx) =>
      volume(tx, { tenant, period, granularity: "day", timeZone: "UTC", limit: 10_001 }),
    );

    expect(answer.reduce((sum, row) => sum + row.charges, 0)).toBeGreaterThan(900);
    expect(nodes.filter((node) => node["Relation Name"] === "ledger_entries").map((node) => node["Node Type"])).not.toContain("Seq Scan");
    expect(touched).toBeLessThan(30_000);
  });

  test("a balance reads what was posted since the last fold", async () => {
    await database.owner.query("insert into satang.folds values (now() - interval '1 hour')");

    const { nodes, touched } = await planned((tx) => balances(tx, tenant, undefined));

    expect(nodes).toContainEqual(expect.objectContaining({ "Index Name": "ledger_entries_in_time" }));
    expect(touched).toBeLessThan(100);
  });
});
