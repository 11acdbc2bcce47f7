import { expect, test } from "vitest";
import type { Cluster } from "../../cluster/cluster.ts";
import { startLoad } from "./payment-load.ts";
import { openShop } from "./shop.ts";
import { tinyShop } from "./tiny-shop.ts";

const shopOf = (maxWaitSeconds: number) => ({
  ...tinyShop,
  api: { ...tinyShop.api, replicas: { min: 2, max: 2 }, admission: { maxWaitSeconds } },
});

export function rolloutTests(cluster: () => Cluster): void {
  test("a rolling update of the API under load fails no request, loses no payment and doubles none", async () => {
    await using shop = await openShop(cluster(), shopOf(60));
    await shop.ready();
    await using load = await startLoad(cluster(), shop);
    const begun = performance.now();

    await load.during("rolling update of the API", async () => {
      await shop.apply(shopOf(59));
      await cluster().kubectl("rollout", "status", "deployment/shop-api", "-n", shop.namespace, "--timeout=180s");
    });

    expect([...load.refusals(begun)]).toEqual([]);
    expect(await load.end()).toMatchObject({ lost: 0, doubled: 0, faults: [] });
  }, 400_000);
}
