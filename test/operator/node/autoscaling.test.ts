import { afterAll, beforeAll, expect, test } from "vitest";
import { onOwnNode, sharedCluster } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { type Doors, openDoors } from "./doors.ts";
import { install, ourImages } from "./installed.ts";
import { openShop, type Shop, says } from "./shop.ts";
import { tinyShop } from "./tiny-shop.ts";
import { openTraffic, p99, type Traffic } from "./traffic.ts";
import { watchPool } from "./watch-pool.ts";

const pool = { name: "payments", queues: ["payments", "refunds"], concurrency: 4, queueDepthPerReplica: 10, scaleDownSeconds: 15 };
const resources = { cpu: "50m", memory: "256Mi" };
const growingShop = {
  ...tinyShop,
  api: { replicas: { min: 1, max: 1 }, resources, admission: { requestsPerSecondPerMerchant: 1_000 } },
  workers: [
    { ...pool, resources, replicas: { min: 1, max: 6 } },
    { name: "webhooks", queues: ["webhooks"], resources, replicas: { min: 1, max: 1 } },
  ],
};
const steadyPerSecond = 8;

// The node syncs its autoscalers every 5 s, where a cluster's default is 15: so much sooner it is here.
onOwnNode("worker pools follow their queues", () => {
  const cluster = sharedCluster({ images: ourImages });
  let shop: Shop;
  let doors: Doors;
  let traffic: Traffic;
  beforeAll(async () => {
    await install(cluster());
    shop = await openShop(cluster(), growingShop);
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

  test("a pool grows in a burst of ten times the load by its HorizontalPodAutoscaler, and shrinks after it", async () => {
    await says(shop, "AutoscalingActive", { status: "True", reason: "ExternalMetrics" });
    const watch = watchPool(shop, pool.name);
    await traffic.pay("others", { perSecond: steadyPerSecond, seconds: 5 }); // compiled, pooled and cached
    const steady = await traffic.pay("others", { perSecond: steadyPerSecond, seconds: 30 });
    expect(watch.most("wanted")).toBe(1);

    const begun = performance.now();
    const [others] = await Promise.all([
      traffic.pay("others", { perSecond: steadyPerSecond, seconds: 60 }),
      traffic.pay("sale", { perSecond: 9 * steadyPerSecond, seconds: 60 }),
    ]);
    const hpa = await cluster().kubectl("get", "hpa", "-n", shop.namespace);
    const over = performance.now();
    await eventually(async () => expect(await doors.open()).toBe(0), { withinSeconds: 240, everyMs: 500 });
    const drainedSeconds = (performance.now() - over) / 1000;
    await eventually(() => expect(watch.now()).toEqual({ wanted: 1, ready: 1 }), { withinSeconds: 300 });
    const shrunkSeconds = (performance.now() - over) / 1000;
    await watch.end();

    const most = watch.most("wanted");
    const [firstSeconds, desiredSeconds] = [1, most - 1].map((above) => watch.secondsTo(({ ready }) => ready > above, begun));
    console.log(`${hpa}\n${most} pods at most; seconds from the burst's begin to the first new worker ${firstSeconds?.toFixed(1)}, to all of them \
${desiredSeconds?.toFixed(1)}; from its end to drained ${drainedSeconds.toFixed(1)}, to one pod ${shrunkSeconds.toFixed(1)}
p99 of the others' accepts: ${p99(steady)} ms steady, ${p99(others)} ms in the burst`);
    expect(most).toBeGreaterThan(2);
    expect(firstSeconds).toBeLessThan(60);
    expect(await doors.verdict(traffic.accepted())).toMatchObject({ lost: 0, doubled: 0, faults: [] });
  }, 900_000);
});
