import { afterAll, beforeAll, expect, test } from "vitest";
import { bucketOf, newUuid } from "../../../workloads/payment/id.ts";
import type { Offered, Store, Tenant } from "../../../workloads/store/store.ts";
import { aRequest, startDatabase, type TestDatabase } from "./database.ts";

let database: TestDatabase;
let api: Store;
let dispatcher: Store;
beforeAll(async () => {
  database = await startDatabase();
  api = database.as("api");
  dispatcher = database.as("dispatcher");
});
afterAll(() => database[Symbol.asyncDispose]());

const aTenant = (): Tenant => {
  const merchantId = newUuid();
  return { bucket: bucketOf(merchantId), merchantId, mode: "test" };
};
const pay = async (tenant: Tenant, times: number) => {
  for (let i = 0; i < times; i++) await api.accept(aRequest(tenant, { dueNow: true }));
};
const flood = (tenant: Tenant, times: number) =>
  Promise.all(Array.from({ length: times }, () => api.accept(aRequest(tenant, { dueNow: true }))));
const of = (tenant: Tenant, offered: readonly Offered[]) => offered.filter(({ merchantId }) => merchantId === tenant.merchantId).length;

test("a merchant whose thousand payments came first delays those of others by no more than two looks", async () => {
  const shops = [aTenant(), aTenant(), aTenant()];
  const sale = aTenant();
  await flood(sale, 1_000);
  for (const shop of shops) await pay(shop, 5);

  const looks = [await dispatcher.offer("payments", 100), await dispatcher.offer("payments", 100), await dispatcher.offer("payments", 100)];

  for (const shop of shops) expect(of(shop, looks.flat())).toBe(5);
  expect(of(sale, looks.flat())).toBeGreaterThan(200); // the room that nobody else wants is his
});

test("everything is offered once, whatever the number of merchants and the room", async () => {
  const shops = Array.from({ length: 300 }, aTenant);
  await Promise.all(shops.map((shop) => pay(shop, 3)));

  const offered: Offered[] = [];
  for (let emptyLooks = 0; emptyLooks < 3; ) {
    const look = await dispatcher.offer("payments", 70);
    emptyLooks = look.length === 0 ? emptyLooks + 1 : 0;
    offered.push(...look);
  }

  for (const shop of shops) expect(of(shop, offered)).toBe(3);
  expect(new Set(offered.map(({ id }) => id)).size).toBe(offered.length);
});
