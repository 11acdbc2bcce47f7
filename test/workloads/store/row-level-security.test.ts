import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newUuid } from "../../../workloads/payment/id.ts";
import { openReaders, type Readers } from "../../../workloads/store/readers.ts";
import type { Tenant } from "../../../workloads/store/store.ts";
import { startDatabase, type TestDatabase } from "./database.ts";
import { paid } from "./paid.ts";

let database: TestDatabase;
let readers: Readers;
let tenants: Tenant[];
beforeAll(async () => {
  database = await startDatabase();
  readers = openReaders({ url: database.urlOf("api"), replicaUrls: [], applicationName: "test-readers" });
  tenants = [await database.tenant(), await database.tenant(), await database.tenant()];
  const stores = { api: database.as("api"), worker: database.as("worker") };
  for (const [i, tenant] of tenants.entries()) for (let n = 0; n <= i; n++) await paid(tenant, stores);
});
afterAll(async () => {
  await readers.close();
  await database[Symbol.asyncDispose]();
});

async function asLogin<T>(role: "api" | "worker" | "dispatcher", use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.urlOf(role) });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const tenantTables = async (): Promise<{ name: string; enabled: boolean; forced: boolean; readable: boolean }[]> =>
  (
    await database.owner.query(
      `select relname as name, relrowsecurity as enabled, relforcerowsecurity as forced, has_table_privilege('satang_reader', c.oid, 'select') as readable
       from pg_class c join pg_attribute a on attrelid = c.oid and attname = 'merchant_id'
       where relnamespace = 'satang'::regnamespace and relkind in ('r', 'p') order by 1`,
    )
  ).rows;

describe("a merchant's reader", () => {
  test("sees his rows alone of every table, also by a query that forgot to ask for them", async () => {
    for (const [i, tenant] of tenants.entries()) {
      await readers.read({ tenant, size: "small" }, async (tx) => {
        for (const { name } of (await tenantTables()).filter(({ readable }) => readable)) {
          const rows = await tx.query<{ merchant_id: string; n: number }>(
            `select merchant_id, count(*) as n from satang.${name} group by 1`,
          );
          expect(rows.map((row) => row.merchant_id)).toEqual(rows.length === 0 ? [] : [tenant.merchantId]);
        }
        expect(await tx.query("select count(*) as n from satang.payments")).toEqual([{ n: i + 1 }]);
        expect(await tx.query("select id from satang.merchants")).toEqual([{ id: tenant.merchantId }]);
      });
    }
  });

  test("sees nothing of another's, also by one who asks for it", async () => {
    const [own, other] = tenants as [Tenant, Tenant];

    const found = await readers.read({ tenant: own, size: "small" }, (tx) =>
      tx.query("select from satang.payments where bucket = $1 and merchant_id = $2", [other.bucket, other.merchantId]),
    );

    expect(found).toEqual([]);
  });

  test("who named no merchant sees nothing, also after one who did, on the same connection", async () => {
    await asLogin("api", async (client) => {
      const countAs = async (before: string) => {
        await client.query(`begin; set local role satang_reader; ${before}`);
        const { rows } = await client.query("select count(*)::int as n from satang.payments");
        await client.query("commit");
        return rows[0].n;
      };

      expect(await countAs("")).toBe(0);
      expect(await countAs(`set local satang.merchant = '${tenants[2]!.merchantId}'`)).toBe(3);
      expect(await countAs("")).toBe(0);
    });
  });

  test("writes nothing", async () => {
    const tenant = tenants[0]!;
    for (const sql of [
      "delete from satang.payments",
      "update satang.payments set amount = 1",
      "insert into satang.events default values",
    ]) {
      await expect(readers.read({ tenant, size: "small" }, (tx) => tx.query(sql))).rejects.toThrow(
        /read-only transaction|permission denied/,
      );
    }
  });

  test("may be nobody whose id is no UUID", async () => {
    const tenant = { ...tenants[0]!, merchantId: "'; reset role; --" };

    await expect(readers.read({ tenant, size: "small" }, (tx) => tx.query("select 1"))).rejects.toThrow("no UUID");
  });
});

describe("row-level security", () => {
  test("is on for every table that has a merchant, and forced where the owner need not write", async () => {
    const tables = await tenantTables();

    expect(tables.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["payments", "operations", "events", "ledger_entries", "checkpoints"]),
    );
    expect(tables.filter(({ enabled }) => !enabled)).toEqual([]);
    expect(tables.filter(({ forced }) => !forced).map(({ name }) => name)).toEqual(["api_keys"]);
  });

  test("leaves those who serve all merchants what they are granted", async () => {
    for (const [role, table] of [
      ["api", "payments"],
      ["worker", "operations"],
      ["dispatcher", "ledger_entries"],
    ] as const) {
      const merchants = await asLogin(role, (client) => client.query(`select distinct merchant_id from satang.${table}`));
      expect(merchants.rows).toHaveLength(tenants.length);
    }
  });

  test("hides tables from an owner who is no superuser, and a migration that would not see that fails", async () => {
    const owner = `owner_${newUuid().replaceAll("-", "")}`;
    const client = await database.owner.connect();
    try {
      await client.query(
        `begin; create role ${owner}; grant usage on schema satang to ${owner}; alter table satang.payments owner to ${owner}; set local role ${owner}`,
      );
      const { rows } = await client.query("select count(*)::int as n from satang.payments");
      await client.query("set local row_security = off"); // as migrate does

      expect(rows[0].n).toBe(0);
      await expect(client.query("update satang.payments set version = version + 1")).rejects.toThrow("row-level security");
    } finally {
      await client.query("rollback");
      client.release();
    }
  });
});
