import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cluster } from "../../cluster/cluster.ts";
import { onOwnNode, sharedCluster } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { install, ourImages } from "./installed.ts";
import { type PaymentLoad, startLoad } from "./payment-load.ts";
import { openShop, type Shop } from "./shop.ts";
import { smallShop } from "./small-shop.ts";

// Each drill runs under the same load; what was accepted in all of them is judged at the end.
onOwnNode("Postgres fails over under load", () => {
  const cluster = sharedCluster({ images: ourImages });
  let shop: Shop;
  let load: PaymentLoad & AsyncDisposable;
  beforeAll(async () => {
    await install(cluster());
    shop = await openShop(cluster(), smallShop);
    await shop.ready(300);
    load = await startLoad(cluster(), shop);
  });
  afterAll(async () => {
    await load?.[Symbol.asyncDispose]();
    await shop?.[Symbol.asyncDispose]();
  });
  const pod = async () => ({ namespace: shop.namespace, name: await shop.primary() });

  test.for<[string, (cluster: Cluster, name: { namespace: string; name: string }) => Promise<unknown>]>([
    ["the primary's pod is deleted by force", (kube, { name, namespace }) => removed(kube, name, namespace, "--force", "--grace-period=0")],
    ["the first process of the primary is killed", (kube, name) => kube.node.signal(name, "SIGKILL")],
    ["postgres alone is killed", (kube, name) => kube.exec(name, ["sh", "-c", "kill -9 $(head -1 /data/pg/postmaster.pid)"])],
    ["the primary's pod is deleted", (kube, { name, namespace }) => removed(kube, name, namespace)],
  ])("%s: another takes writes at once, and the old one comes back as its standby", async ([what, act]) => {
    const before = await pod();

    const gap = await load.during(what, () => act(cluster(), before));
    await shop.ready(180);

    expect(gap.seconds).toBeLessThan(10);
    expect((await shop.resource()).status?.postgres?.primary).toBe(await shop.primary());
  });

  test("no payment that was accepted is lost, and none is charged twice", async () => {
    const verdict = await load.end();

    expect(verdict).toMatchObject({ lost: 0, doubled: 0, faults: [] });
    expect(verdict.accepted).toBeGreaterThan(100);
  });

  test("people are told who takes writes", async () => {
    await eventually(async () => {
      const events = await cluster().kubectl("get", "events.events.k8s.io", "-n", shop.namespace, "-o", "jsonpath={.items[*].reason}");
      expect(events).toContain("PostgresPromoted");
    });
  });
});

const removed = (kube: Cluster, name: string, namespace: string, ...how: string[]) =>
  kube.kubectl("delete", "pod", name, "-n", namespace, "--wait=false", ...how);
