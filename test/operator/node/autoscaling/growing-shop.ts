import { afterAll, beforeAll } from "vitest";
import type { Image } from "../../../cluster/build/image.ts";
import type { Cluster } from "../../../cluster/cluster.ts";
import { sharedCluster } from "../../../cluster/cluster-tests.ts";
import { eventually } from "../../../cluster/eventually.ts";
import { install, ourImages } from "../installed.ts";
import { openShop, type Shop } from "../shop.ts";
import { tinyShop } from "../tiny-shop.ts";
import { type Doors, openDoors } from "./doors.ts";
import { openTraffic, type Traffic } from "./traffic.ts";

const resources = { cpu: "50m", memory: "256Mi" };
/** Ten times a worker's part of a core that both want, as Postgres: workers that start are not to make payers wait. */
const apiResources = { ...resources, cpu: "500m" };

/**
 * The pool that is scaled. An operation takes the provider 150 ms. A pod is for about as many as it has in hand at once: with more to a pod, a pool that
 * keeps up looks as if fewer would do.
 */
export const pool = {
  name: "payments",
  queues: ["payments", "refunds"],
  concurrency: 4,
  queueDepthPerReplica: 5,
  scaleDownSeconds: 15,
  resources,
};

/** As many as two cores have room for: one that starts takes a core for a second, and who pays waits meanwhile. */
export const range = { min: 1, max: 3 };

export const growing = (replicas: { min: number; max: number }, fields: object = {}) => ({
  ...tinyShop,
  postgres: { ...tinyShop.postgres, resources: { cpu: "500m", memory: "512Mi" } },
  api: { replicas: { min: 1, max: 1 }, resources: apiResources, admission: { requestsPerSecondPerMerchant: 1_000 } },
  workers: [
    { ...pool, replicas },
    { name: "webhooks", queues: ["webhooks"], resources, replicas: { min: 1, max: 1 } },
  ],
  ...fields,
});

/** What all tests of pools on a node share: one node, one shop whose pool grows from one pod to three, and payments for it. */
export interface GrowingShop {
  readonly cluster: () => Cluster;
  readonly shop: () => Shop;
  readonly doors: () => Doors;
  readonly traffic: () => Traffic;
  /** Waits until nothing is open and the pool has so many pods again. */
  quiet(pods: number): Promise<void>;
}

/** `before`: what is installed before our operator is, with the images that it takes. */
export function growingShop(
  before: { images(): Promise<Image[]>; install(cluster: Cluster): Promise<void> } | undefined = undefined,
): GrowingShop {
  const cluster = sharedCluster({ images: async () => [...(await ourImages()), ...((await before?.images()) ?? [])] });
  let shop: Shop | undefined;
  let doors: Doors | undefined;
  let traffic: Traffic | undefined;
  beforeAll(async () => {
    await before?.install(cluster());
    await install(cluster());
    shop = await openShop(cluster(), growing(range));
    await shop.ready(300);
    doors = await openDoors(cluster(), shop);
    traffic = await openTraffic(doors);
    await doors.behaviour({ latencyMs: 150 });
  });
  afterAll(async () => {
    await traffic?.[Symbol.asyncDispose]();
    await doors?.[Symbol.asyncDispose]();
    await shop?.[Symbol.asyncDispose]();
  });
  return {
    cluster,
    shop: () => shop!,
    doors: () => doors!,
    traffic: () => traffic!,
    async quiet(pods) {
      const check = async () => {
        const { spec, status } = await shop!.get("deployment", `shop-worker-${pool.name}`);
        if ((await doors!.open()) > 0) throw new Error("operations are still open");
        if (spec.replicas !== pods || (status?.readyReplicas ?? 0) !== pods) throw new Error(`${spec.replicas} pods, not ${pods}`);
      };
      await eventually(check, { withinSeconds: 300, everyMs: 500 });
    },
  };
}
