import { expect, test } from "vitest";
import type { Cluster } from "../../cluster/cluster.ts";
import { eventually } from "../../cluster/eventually.ts";
import type { KubeObject } from "../../cluster/kubectl.ts";
import { operatorNamespace } from "./installed.ts";
import { openShop, type Shop } from "./shop.ts";
import { tinyShop } from "./tiny-shop.ts";

export function deletionTests(cluster: () => Cluster): void {
  test("a resource that is deleted leaves volumes and secrets, and one of the same name finds its payments again", async () => {
    await using shop = await openShop(cluster(), tinyShop);
    await shop.ready();
    const paid = await shop.pay("order-17");
    const kept = await uids(shop, "pvc", "secret");

    await cluster().delete("psys", "shop", shop.namespace);
    await gone(shop, "pods", "deployments", "statefulsets", "services", "jobs");
    expect(await uids(shop, "pvc", "secret")).toEqual(kept);

    await shop.apply(tinyShop);
    await shop.ready();
    const again = await shop.pay("order-17");

    expect(await uids(shop, "pvc", "secret")).toEqual(kept);
    expect(again.body.id).toBe(paid.body.id);
    expect(await shop.ask(`/v1/payments/${paid.body.id}`)).toMatchObject({ status: 200, body: { status: "succeeded" } });
  });

  test("with deletionPolicy Delete, everything goes with it", async () => {
    await using shop = await openShop(cluster(), { ...tinyShop, deletionPolicy: "Delete" });
    await shop.ready();

    await cluster().delete("psys", "shop", shop.namespace);

    await gone(shop, "pods", "deployments", "statefulsets", "services", "jobs", "secrets", "pvc");
  });

  test("in a namespace that is deleted while the operator is away all of it goes, and the namespace ends once the operator is back", async () => {
    const { namespace } = await openShop(cluster(), tinyShop);
    await cluster().wait("psys/shop", "condition=Ready", { namespace, withinSeconds: 180 });
    await scaled(0);
    try {
      await cluster().kubectl("delete", "namespace", namespace, "--wait=false");
      for (const kind of ["psys", "pods", "services", "secrets", "pvc"])
        await eventually(async () => expect(await cluster().list(kind, { namespace })).toEqual([]), { withinSeconds: 120 });
    } finally {
      await scaled(2);
    }
    // Not before: while a served API has no server, the cluster cannot know that nothing of it is left in a namespace.
    await cluster().wait(`namespace/${namespace}`, "delete", { withinSeconds: 120 });

    await using shop = await openShop(cluster(), tinyShop);
    await shop.ready();
  });

  async function scaled(replicas: number): Promise<void> {
    await cluster().kubectl("scale", "deployment/satang-operator", "--namespace", operatorNamespace, `--replicas=${replicas}`);
    await eventually(
      async () => {
        const pods = await cluster().list("pods", { namespace: operatorNamespace });
        expect(pods.map(isReady)).toEqual(Array(replicas).fill(true));
      },
      { withinSeconds: 120 },
    );
  }
}

const isReady = ({ status }: KubeObject): boolean =>
  status.conditions?.some(({ type, status }: { type: string; status: string }) => type === "Ready" && status === "True");

const uids = async (shop: Shop, ...kinds: string[]): Promise<string[]> => {
  const lists = await Promise.all(kinds.map((kind) => shop.list(kind)));
  return lists
    .flat()
    .map(({ metadata }) => `${metadata.name} ${metadata.uid}`)
    .sort();
};

const gone = (shop: Shop, ...kinds: string[]): Promise<void> =>
  eventually(async () => expect(await uids(shop, ...kinds)).toEqual([]), { withinSeconds: 120 });
