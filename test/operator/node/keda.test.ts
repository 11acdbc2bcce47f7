import { beforeAll, expect, test } from "vitest";
import { apiServiceName } from "../../../operator/metrics-api/registration.ts";
import { kedaImage } from "../../cluster/build/keda.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { tell } from "../../support/tell.ts";
import { growingShop, pool } from "./autoscaling/growing-shop.ts";
import { uninstall } from "./autoscaling/uninstall.ts";
import { watchPool } from "./autoscaling/watch-pool.ts";
import { operatorNamespace } from "./installed.ts";
import { installKeda, type Stranger, strangerOf } from "./keda.ts";
import { says } from "./shop.ts";

// KEDA itself, built from its own module: it was there first, and serves others.
onOwnNode("worker pools where KEDA is", () => {
  const { cluster, shop, doors, traffic, quiet } = growingShop({ images: async () => [await kedaImage()], install: installKeda });
  let stranger: Stranger;
  beforeAll(async () => {
    stranger = await strangerOf(cluster());
  });
  const serves = async () => {
    const { spec, status } = await cluster().get("apiservice", apiServiceName);
    return [spec.service.namespace, status.conditions.find(({ type }: { type: string }) => type === "Available").status];
  };

  test("a pool follows its queue by a ScaledObject of KEDA's, and a stranger's goes on following its own", async () => {
    await says(shop(), "AutoscalingActive", { status: "True", reason: "KEDA" }, 180);
    expect((await shop().list("horizontalpodautoscalers")).map(({ metadata }) => metadata.name)).toContain(
      `keda-hpa-shop-worker-${pool.name}`,
    );
    await stranger.follows(2);

    const watch = watchPool(cluster(), shop(), pool.name);
    await doors().behaviour({ latencyMs: 1_000 });
    const begun = performance.now();
    await traffic().pay("sale", { perSecond: 20, seconds: 20 });
    await eventually(() => expect(watch.most("ready")).toBeGreaterThan(2), { withinSeconds: 90 });
    await doors().behaviour({ latencyMs: 150 });
    await stranger.follows(3);
    await quiet(1);
    await watch.end();

    tell("a burst on a pool that KEDA scales", {
      "pods at most": watch.most("wanted"),
      "seconds to the first new worker": String(watch.secondsTo(({ ready }) => ready >= 2, begun)?.toFixed(1)),
    });
    expect(await doors().verdict(traffic().accepted())).toMatchObject({ lost: 0, doubled: 0, faults: [] });
    expect(await serves()).toEqual(["keda", "True"]);
  }, 900_000);

  test("uninstalled, we leave KEDA and whom it serves alone, and the pools to it", async () => {
    await uninstall(cluster());
    await cluster().wait(`namespace/${operatorNamespace}`, "delete", { withinSeconds: 120 });

    expect(await serves()).toEqual(["keda", "True"]);
    await stranger.follows(1);
    await stranger.follows(2);
    const watch = watchPool(cluster(), shop(), pool.name);
    await doors().behaviour({ latencyMs: 1_000 });
    await traffic().pay("sale", { perSecond: 20, seconds: 20 });
    await eventually(() => expect(watch.most("ready")).toBeGreaterThan(1), { withinSeconds: 90 });
    await watch.end();
    await doors().behaviour({ latencyMs: 150 });
    await quiet(1);
    expect(await doors().verdict(traffic().accepted())).toMatchObject({ lost: 0, doubled: 0, faults: [] });
  }, 900_000);
});
