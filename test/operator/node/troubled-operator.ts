import { afterAll, beforeAll, describe } from "vitest";
import type { Cluster } from "../../cluster/cluster.ts";
import { leaderTests } from "./leaders.ts";
import { outageTests } from "./outage.ts";
import { openShop, type Shop } from "./shop.ts";
import { tinyShop } from "./tiny-shop.ts";

export function troubledOperatorTests(cluster: () => Cluster): void {
  describe("one system, while the operator has trouble of its own:", () => {
    let shop: Shop;
    beforeAll(async () => {
      shop = await openShop(cluster(), tinyShop);
      await shop.ready();
    });
    afterAll(() => shop?.[Symbol.asyncDispose]());

    leaderTests(cluster, () => shop);
    outageTests(cluster, () => shop);
  });
}
