import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aRequest, startDatabase, type TestDatabase } from "./database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const count = async (table: string, merchantId: string): Promise<number> =>
  Number((await database.owner.query(`select count(*) from satang.${table} where merchant_id = $1`, [merchantId])).rows[0].count);

describe("accepting a payment", () => {
  test("writes key, payment and operation, and knows the payment without reading it back", async () => {
    const [store, tenant] = [database.as("api"), await database.tenant()];

    const accepted = await store.accept(aRequest(tenant, { metadata: { note: `quotes " ' \\ {} , and ฿` }, reference: "a,b" }));

    if (accepted.result !== "new") throw new Error(accepted.result);
    expect(await store.payment(tenant, accepted.payment.id)).toEqual(accepted.payment);
    expect(await Promise.all(["idempotency_keys", "payments", "operations"].map((table) => count(table, tenant.merchantId)))).toEqual([
      1, 1, 1,
    ]);
  });

  test("makes one payment of five hundred calls under one key, in two processes at once", async () => {
    const [one, other, tenant] = [database.as("api"), database.as("api"), await database.tenant()];
    const request = aRequest(tenant);

    const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => (i % 2 === 0 ? one : other).accept(request)));

    const ids = answers.map((answer) => (answer.result === "reused" ? "reused" : answer.payment.id));
    expect(new Set(ids).size).toBe(1);
    expect(answers.filter(({ result }) => result === "new")).toHaveLength(1);
    expect(await count("payments", tenant.merchantId)).toBe(1);
    expect(await count("operations", tenant.merchantId)).toBe(1);
  });

  test("refuses a key that was used for something else, whoever comes first", async () => {
    const [store, tenant] = [database.as("api"), await database.tenant()];
    const request = aRequest(tenant);

    const answers = await Promise.all([store.accept(request), store.accept({ ...request, requestHash: Buffer.alloc(32, 2) })]);

    expect(answers.map(({ result }) => result).toSorted()).toEqual(["new", "reused"]);
    expect(await count("payments", tenant.merchantId)).toBe(1);
  });

  test("keeps the same key of two merchants, and of two modes, apart", async () => {
    const [store, tenant, other] = [database.as("api"), await database.tenant(), await database.tenant()];

    const answers = await Promise.all(
      [tenant, other, { ...tenant, mode: "live" as const }].map((whose) => store.accept(aRequest(whose, { key: "order-17" }))),
    );

    expect(answers.map(({ result }) => result)).toEqual(["new", "new", "new"]);
  });

  test("lets a row that the database refuses fail alone, and the rest of its batch through", async () => {
    const [store, tenant] = [database.as("api"), await database.tenant()];
    const amounts = Array.from({ length: 40 }, (_, i) => (i === 17 ? 0 : 350));

    const answers = await Promise.allSettled(amounts.map((amount) => store.accept(aRequest(tenant, { amount }))));

    expect(answers.map(({ status }) => status === "fulfilled")).toEqual(amounts.map((amount) => amount > 0));
    expect(await count("payments", tenant.merchantId)).toBe(39);
  });

  test("never deadlocks two processes that hold the same keys in opposite order", async () => {
    const [one, other, tenant] = [database.as("api"), database.as("api"), await database.tenant()];
    const requests = Array.from({ length: 200 }, (_, i) => aRequest(tenant, { key: `key-${i}` }));

    await Promise.all([
      ...requests.map((request) => one.accept(request)),
      ...requests.toReversed().map((request) => other.accept(request)),
    ]);

    expect(await count("payments", tenant.merchantId)).toBe(200);
    const { rows } = await database.owner.query("select deadlocks from pg_stat_database where datname = current_database()");
    expect(rows[0].deadlocks).toBe("0");
  });

  test("is not answered before it is on disk: a transaction that is gone leaves no row of any table", async () => {
    const [store, tenant] = [database.as("api"), await database.tenant()];
    await database.owner.query("alter table satang.operations add constraint closed check (amount <> 13) not valid");

    const answer = store.accept(aRequest(tenant, { amount: 13 }));

    await expect(answer).rejects.toThrow("closed");
    expect(await count("idempotency_keys", tenant.merchantId)).toBe(0);
    expect(await count("payments", tenant.merchantId)).toBe(0);
    await database.owner.query("alter table satang.operations drop constraint closed");
    expect((await store.accept(aRequest(tenant, { amount: 13 }))).result).toBe("new");
  });
});
