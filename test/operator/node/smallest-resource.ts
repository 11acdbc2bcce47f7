import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cluster } from "../../cluster/cluster.ts";
import { tell } from "../../support/tell.ts";
import { billOfMaterialsTests } from "./bills-of-materials.ts";
import { busySentinelTests } from "./busy-sentinel.ts";
import { encryptionTests } from "./encryption.ts";
import { postgresAlertTests } from "./postgres-alerts.ts";
import { rightsTests } from "./rights.ts";
import { openShop, type Shop, says } from "./shop.ts";

export function smallestResourceTests(cluster: () => Cluster): void {
  describe("the smallest resource", () => {
    let shop: Shop;
    beforeAll(async () => {
      shop = await openShop(cluster());
      const begun = performance.now();
      await shop.apply({});
      await shop.ready();
      const seconds = (performance.now() - begun) / 1000;
      tell("the smallest resource is applied", { "ready after, s (images present; goal: 60)": seconds.toFixed(1) });
    });
    afterAll(() => shop?.[Symbol.asyncDispose]());

    test("becomes ready, and a payment made through its Service stands in the ledger", async () => {
      const paid = await shop.pay();

      expect(paid).toMatchObject({ status: 201, body: { status: "succeeded", amount: 35_000, currency: "THB" } });
      expect(await shop.ask(`/v1/payments/${paid.body.id}`)).toMatchObject({ status: 200, body: { status: "succeeded" } });
      const lines = (await shop.sql("select account, amount from satang.ledger_entries")).trim().split("\n");
      expect(lines).toEqual(expect.arrayContaining(["merchant.pending|-35000", "provider.receivable:simulator|35000"]));
      await says(shop, "LedgerBalanced", { status: "True" });
      expect(await shop.sql("select sum(amount) from satang.ledger_entries")).toBe("0\n");
    });

    test("has its secret key told by its Secret only", async () => {
      const data = (await shop.get("secret", "shop-credentials")).data as Record<string, string>;
      const keys = ["secretKey", "adminKey"].map((key) => Buffer.from(data[key]!, "base64").toString());

      const everything = await cluster().kubectl("get", "all,psys,jobs,events,configmaps", "-n", shop.namespace, "-o", "yaml");

      expect(keys[0]).toMatch(/^sk_test_/);
      for (const key of keys) expect(everything).not.toContain(key);
    });

    billOfMaterialsTests(cluster, () => shop);
    encryptionTests(cluster, () => shop);
    rightsTests(cluster, () => shop);
    busySentinelTests(cluster, () => shop);
    postgresAlertTests(cluster, () => shop);
  });
}
