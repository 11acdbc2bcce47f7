import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cluster } from "../../cluster/cluster.ts";
import { eventually } from "../../cluster/eventually.ts";
import { programPod, sayName } from "../../cluster/fixtures.ts";
import type { Following } from "../../cluster/follow.ts";
import type { KubeObject, PodName } from "../../cluster/kubectl.ts";
import type { Namespace } from "../../cluster/namespace.ts";
import { reached } from "./reached.ts";
import { openShop, type Shop } from "./shop.ts";
import { tinyShopWithSentinels } from "./tiny-shop.ts";

/** Needs a node that enforces NetworkPolicies. In order: the last opens what the others found closed, so these could have failed. */
export function trafficTests(cluster: () => Cluster): void {
  describe("the pods of a system", () => {
    let shop: Shop;
    let elsewhere: Namespace;
    const pods = new Map<string, KubeObject>();
    const further: Following[] = [];

    beforeAll(async () => {
      shop = await openShop(cluster(), tinyShopWithSentinels);
      elsewhere = await cluster().namespace();
      await shop.ready();
      for (const part of parts) pods.set(part, (await shop.list("pods", part))[0]!);
      pods.set("redis-1", (await shop.list("pods", "redis"))[1]!);
      const { image } = pods.get("worker-all")!.spec.containers[0];
      const worn = { "app.kubernetes.io/instance": "shop", "app.kubernetes.io/component": "worker-all" };
      await startPod("neighbour", shop.namespace, { image });
      await startPod("impostor", elsewhere.name, { image, labels: worn });
      await startPod("receiver", elsewhere.name, { image });
      for (const part of ["worker-all", "dispatcher"]) further.push(await openPort(cluster(), nameOf(part), furtherPort));
    });
    afterAll(async () => {
      for (const one of [...further, shop, elsewhere]) await one?.[Symbol.asyncDispose]();
    });

    test("let a neighbour, or an impostor in another namespace, reach the API and what Prometheus reads only", async () => {
      for (const stranger of ["neighbour", "impostor"])
        await eventually(async () => expect(await reachedFrom(stranger)).toEqual([...openToAll, "a receiver elsewhere"]), patience);
    });

    test("reach what they need, and whom they like; but the simulator nobody else than the API, and Redis nobody else than its own", async () => {
      const stores = ["Postgres", "Redis", "Sentinel", "a receiver elsewhere"];

      expect(await reachedFrom("worker-all")).toEqual([...without(openToAll, "metrics of a worker"), "the simulator", ...stores]);
      expect(await reachedFrom("dispatcher")).toEqual([...without(openToAll, "metrics of the dispatcher"), ...stores]);
      expect(await reachedFrom("api")).toEqual([...without(openToAll, "the API", "metrics of the API"), ...stores]);
      expect(await reachedFrom("simulator")).toEqual(["the API"]);
      expect(await reachedFrom("redis-1")).toEqual(["Redis", "Sentinel"]);
      expect(await shop.pay()).toMatchObject({ status: 201, body: { status: "succeeded" } });
    });

    test("are reached by all, and reach all, once spec.networkPolicy.enabled is false", async () => {
      await shop.apply({ ...tinyShopWithSentinels, networkPolicy: { enabled: false } });

      for (const caller of ["neighbour", "impostor", "simulator", "redis-1"]) {
        const others = doors.filter(({ of }) => of !== caller).map(({ name }) => name);
        await eventually(async () => expect(await reachedFrom(caller)).toEqual(others), patience);
      }
    });

    /** Names of doors, its own left out. */
    function reachedFrom(pod: string): Promise<string[]> {
      const others = doors.filter(({ of }) => of !== pod).map(({ name, of, port }) => [name, `${pods.get(of)?.status.podIP}:${port}`]);
      return reached(cluster(), nameOf(pod), Object.fromEntries(others));
    }

    function nameOf(pod: string): PodName {
      const { name, namespace } = pods.get(pod)!.metadata;
      return { name, namespace: namespace! };
    }

    async function startPod(name: string, namespace: string, { image = "", labels = {} }): Promise<void> {
      const pod = programPod(namespace, name, sayName, { container: { image } });
      await cluster().apply({ ...pod, metadata: { ...pod.metadata, labels } });
      await cluster().wait(`pod/${name}`, "condition=Ready", { namespace });
      pods.set(name, await cluster().get("pod", name, namespace));
    }
  });
}

const patience = { withinSeconds: 30, everyMs: 1_000 };
const parts = ["api", "dispatcher", "worker-all", "simulator", "postgres", "redis"];
const furtherPort = 5555;

/** What listens; open: to any pod. */
const doors = [
  { name: "the API", of: "api", port: 4000, open: true },
  { name: "metrics of the API", of: "api", port: 9090, open: true },
  { name: "metrics of the dispatcher", of: "dispatcher", port: 9090, open: true },
  { name: "metrics of a worker", of: "worker-all", port: 9090, open: true },
  { name: "metrics of the simulator", of: "simulator", port: 9090, open: true },
  { name: "Patroni", of: "postgres", port: 8008, open: true },
  { name: "the simulator", of: "simulator", port: 4010 },
  { name: "Postgres", of: "postgres", port: 5432 },
  { name: "Redis", of: "redis", port: 6379 },
  { name: "Sentinel", of: "redis", port: 26379 },
  { name: "a receiver elsewhere", of: "receiver", port: 8080 },
  { name: "a further port of a worker", of: "worker-all", port: furtherPort },
  { name: "a further port of the dispatcher", of: "dispatcher", port: furtherPort },
];
const openToAll = doors.filter(({ open }) => open).map(({ name }) => name);

const without = (names: readonly string[], ...ours: string[]): string[] => names.filter((name) => !ours.includes(name));

/** Lets a process of the pod listen there, as somebody does who adds one. */
async function openPort(cluster: Cluster, { namespace, name }: PodName, port: number): Promise<Following> {
  const listen = `require("node:net").createServer((socket) => socket.end()).listen(${port}, () => console.log("open"))`;
  let following: Following | undefined;
  await new Promise<void>((resolve) => {
    following = cluster.follow(["exec", "--namespace", namespace, name, "--", "node", "--eval", listen], () => resolve());
  });
  return following!;
}
