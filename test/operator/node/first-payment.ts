import { expect, test } from "vitest";
import type { Cluster } from "../../cluster/cluster.ts";
import { tell } from "../../support/tell.ts";
import { openShop, says } from "./shop.ts";

export function firstPaymentTests(cluster: () => Cluster): void {
  test("the smallest resource becomes ready, and a payment made through its Service stands in the ledger", async () => {
    await using shop = await openShop(cluster());
    const begun = performance.now();

    await shop.apply({});
    await shop.ready();
    const readySeconds = (performance.now() - begun) / 1000;
    const paid = await shop.pay();

    tell("the smallest resource is applied", { "ready after, s (images present; goal: 60)": readySeconds.toFixed(1) });
    expect(paid).toMatchObject({ status: 201, body: { status: "succeeded", amount: 35_000, currency: "THB" } });
    expect(await shop.ask(`/v1/payments/${paid.body.id}`)).toMatchObject({ status: 200, body: { status: "succeeded" } });
    const lines = (await shop.sql("select account, amount from satang.ledger_entries")).trim().split("\n");
    expect(lines).toEqual(expect.arrayContaining(["merchant.pending|-35000", "provider.receivable:simulator|35000"]));
    await says(shop, "LedgerBalanced", { status: "True" });
    expect(await shop.sql("select sum(amount) from satang.ledger_entries")).toBe("0\n");
  });

  test("its secret key is told by its Secret only", async () => {
    await using shop = await openShop(cluster(), {});
    await shop.ready();
    const data = (await shop.get("secret", "shop-credentials")).data as Record<string, string>;
    const keys = ["secretKey", "adminKey"].map((key) => Buffer.from(data[key]!, "base64").toString());

    const everything = await cluster().kubectl("get", "all,psys,jobs,events,configmaps", "-n", shop.namespace, "-o", "yaml");

    expect(keys[0]).toMatch(/^sk_test_/);
    for (const key of keys) expect(everything).not.toContain(key);
  });
}
