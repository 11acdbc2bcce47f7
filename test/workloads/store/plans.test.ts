import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { key, keyByHash, keys, keysOfMerchant, noteUse, revokeKey, rollKey } from "../../../workloads/store/api-keys.ts";
import { auditLog, auditLogOfMerchant } from "../../../workloads/store/audit.ts";
import { claim } from "../../../workloads/store/claim.ts";
import { claimDeliveries } from "../../../workloads/store/claim-deliveries.ts";
import { openDatabase } from "../../../workloads/store/database.ts";
import { acceptFollowUp } from "../../../workloads/store/follow-up.ts";
import { followUpsById } from "../../../workloads/store/follow-up-row.ts";
import { changeMerchant, merchant, merchants } from "../../../workloads/store/merchants.ts";
import { offer } from "../../../workloads/store/offer.ts";
import { paymentsById } from "../../../workloads/store/payment-row.ts";
import { openStore } from "../../../workloads/store/postgres-store.ts";
import { postpone } from "../../../workloads/store/postpone.ts";
import { recall } from "../../../workloads/store/recall.ts";
import { recordDeliveries } from "../../../workloads/store/record-deliveries.ts";
import { settle } from "../../../workloads/store/settle.ts";
import { fill } from "../../bench/growth/filling.ts";
import { tenants } from "../../bench/growth/merchants.ts";
import { startDatabase, type TestDatabase } from "./database.ts";

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await startDatabase();
  // As one who may what all who serve may, so that row-level security is part of the plans.
  await database.owner.query("grant satang_api, satang_dispatcher to satang_worker_login");
  pool = openDatabase({ url: database.urlOf("worker"), connections: 1, applicationName: "test-plans" });
});
afterAll(async () => {
  await pool.end();
  await database[Symbol.asyncDispose]();
});

type Node = { "Node Type": string; "Relation Name"?: string; "Index Name"?: string; "Index Cond"?: string; Plans?: Node[] };

/** The plan that every session gets and keeps, made on tables that are still empty. */
async function planOf({ name, text }: { name: string; text: string }): Promise<Node[]> {
  const parameters = [...text.matchAll(/\$(\d+)/g)].map(([, n]) => Number(n));
  const client = await pool.connect();
  try {
    await client.query(`prepare ${name} as ${text}`);
    const nulls = Array.from({ length: Math.max(...parameters) }, () => "null").join(", ");
    const { rows } = await client.query(`explain (format json) execute ${name}(${nulls})`);
    return flat(rows[0]["QUERY PLAN"][0].Plan as Node);
  } finally {
    await client.query(`deallocate ${name}`);
    client.release();
  }
}

const flat = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(flat)];

const byKey = [claim, settle, postpone, recall, paymentsById, acceptFollowUp, followUpsById, claimDeliveries, recordDeliveries];

async function goesByWholeKeys(statement: { name: string; text: string }): Promise<void> {
  const nodes = await planOf(statement);
  const scans = nodes.filter((node) => node["Node Type"].includes("Scan") && node["Relation Name"]);

  expect(nodes.map((node) => node["Node Type"])).not.toContain("Seq Scan");
  expect(nodes.map((node) => node["Node Type"])).not.toContain("Hash Join");
  expect(scans.length).toBeGreaterThan(0);
  for (const scan of scans.filter((node) => node["Node Type"] !== "Tid Scan")) {
    expect(`${scan["Index Name"]}: ${scan["Index Cond"]}`).toMatch(
      /(_pkey|operations_of_payment): .*bucket.*merchant_id.*|operations_of_payment: .*payment_id/,
    );
    expect(scan["Index Cond"]!.split(" AND ").length).toBeGreaterThanOrEqual(3);
  }
}

describe("on empty tables already, the plan of", () => {
  test.each(byKey)("$name goes by whole primary keys, and walks through nothing", goesByWholeKeys);

  test.each([
    keyByHash,
    noteUse,
    key,
    keys,
    keysOfMerchant,
    rollKey,
    revokeKey,
    merchant,
    merchants,
    changeMerchant,
    auditLog,
    auditLogOfMerchant,
  ])("$name goes by an index, in its order", async (statement) => {
    const types = (await planOf(statement)).map((node) => node["Node Type"]);

    expect(types).toEqual(expect.arrayContaining([expect.stringMatching(/Index (Only )?Scan/)]));
    for (const type of ["Seq Scan", "Sort", "Hash Join", "Bitmap Heap Scan"]) expect(types).not.toContain(type);
  });

  test("offer reads what is due by its index, in order", async () => {
    const nodes = await planOf(offer);

    expect(nodes.find((node) => node["Node Type"] === "Index Scan")).toMatchObject({ "Index Name": "operations_due" });
    expect(nodes.map((node) => node["Node Type"])).not.toContain("Sort");
  });
});

describe("with statistics of a time when nothing was open, as after a quiet hour, the plan of", () => {
  beforeAll(() =>
    fill(
      database.ownerUrl,
      2_000,
      tenants(100).map(({ merchantId }) => merchantId),
      () => {},
    ),
  );

  test.each(byKey)("$name goes by whole primary keys, and not through all that is open by now", goesByWholeKeys);

  // Row-level security hides from the planner what it knows of an owner's statement.
  const offerers = { dispatcher: () => database.urlOf("dispatcher"), owner: () => database.ownerUrl };

  test.each(["dispatcher", "owner"] as const)(
    "offering in turn as %s goes by the index, and reads little more than it offers",
    async (as) => {
      await openOperations(400); // so many that the index of merchants is a page higher than that of times
      const before = await entriesRead();

      const store = openStore({ url: offerers[as](), connections: 1, applicationName: "test-plans" });
      let offered = 0;
      for (let look = 0; look < 3; look++) offered += (await store.offer("payments", 100)).length;
      await store.close(); // what a session has counted is known when it ends

      expect(offered).toBeGreaterThan(200);
      await vi.waitFor(async () => expect(await entriesRead()).toBeGreaterThan(before + offered), { timeout: 10_000 });
      expect((await entriesRead()) - before).toBeLessThan(20 * offered);
    },
  );
});

/** So many of each of a hundred merchants. */
async function openOperations(each: number): Promise<void> {
  const payers = tenants(100);
  await database.owner.query(
    `insert into satang.operations (bucket, merchant_id, id, payment_id, kind, queue, state, amount, currency, provider, due_at)
     select m.bucket, m.id, gen_random_uuid(), gen_random_uuid(), 'charge', 'payments', 'queued', 100, 'THB', 'simulator', now() - n * interval '1 ms'
     from unnest($1::smallint[], $2::uuid[]) as m(bucket, id) cross join generate_series(1, $3::int) as n`,
    [payers.map(({ bucket }) => bucket), payers.map(({ merchantId }) => merchantId), each],
  );
}

async function entriesRead(): Promise<number> {
  const sql =
    "select sum(idx_tup_read)::int as read from pg_stat_user_indexes where indexrelname in ('operations_due', 'operations_in_turn')";
  return (await database.owner.query<{ read: number }>(sql)).rows[0]!.read;
}
