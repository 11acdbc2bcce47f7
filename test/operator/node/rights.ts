import { expect, test } from "vitest";
import type { Cluster } from "../../cluster/cluster.ts";
import { openShop } from "./shop.ts";
import { tinyShop } from "./tiny-shop.ts";

export function rightsTests(cluster: () => Cluster): void {
  test("no pod's account may read a Secret, and none but Postgres' has a token to ask anything by", async () => {
    await using shop = await openShop(cluster(), tinyShop);
    await shop.ready();
    const pods = await shop.list("pods");
    const accounts = new Set(pods.map(({ spec }) => spec.serviceAccountName as string));

    expect(accounts.has("default")).toBe(false);
    for (const account of accounts) {
      const as = ["--as", `system:serviceaccount:${shop.namespace}:${account}`, "--namespace", shop.namespace];
      for (const what of [
        ["get", "secrets"],
        ["list", "secrets"],
        ["get", "paymentsystems"],
        ["create", "pods"],
        ["delete", "configmaps"],
      ])
        expect(
          await cluster()
            .kubectl("auth", "can-i", ...what, ...as)
            .catch((error) => error.out),
          `${account} ${what.join(" ")}`,
        ).toBe("no\n");
    }
    const withToken = pods.filter(({ spec }) => spec.volumes?.some((volume: { projected?: unknown }) => volume.projected));
    expect(new Set(withToken.map(({ metadata }) => metadata.labels?.["app.kubernetes.io/component"]))).toEqual(new Set(["postgres"]));
  });
}
