import { expect, test } from "vitest";
import { eventually } from "../../../cluster/eventually.ts";
import { tell } from "../../../support/tell.ts";
import { says } from "../shop.ts";
import { type GrowingShop, pool } from "./growing-shop.ts";
import { p99 } from "./traffic.ts";
import { watchHost } from "./watch-host.ts";
import { watchPool } from "./watch-pool.ts";

const noiseMs = 250; // two cores hold the node, the shop, and whoever pays, and a shared machine takes them away for as long

const steadyPerSecond = 4; // ten times as much leaves a node of two cores a part of them

export function burstTests({ cluster, shop, doors, traffic, quiet }: GrowingShop): void {
  test("a pool grows in a burst of ten times the load by its HorizontalPodAutoscaler, and shrinks after it", async () => {
    await says(shop(), "AutoscalingActive", { status: "True", reason: "ExternalMetrics" });
    await traffic().pay("others", { perSecond: steadyPerSecond, seconds: 10 }); // compiled, pooled and cached
    await quiet(1);
    const watch = watchPool(cluster(), shop(), pool.name);
    const host = watchHost();
    const steady = await traffic().pay("others", { perSecond: steadyPerSecond, seconds: 30 });

    const begun = performance.now();
    const paying = Promise.all([
      traffic().pay("others", { perSecond: steadyPerSecond, seconds: 60 }),
      traffic().pay("sale", { perSecond: 9 * steadyPerSecond, seconds: 60 }),
    ]);
    await eventually(() => expect(watch.most("ready")).toBeGreaterThan(2), { withinSeconds: 90 });
    const hpa = await cluster().kubectl("get", "hpa", "-n", shop().namespace);
    const [others] = await paying;
    const over = performance.now();
    await eventually(async () => expect(await doors().open()).toBe(0), { withinSeconds: 240, everyMs: 500 });
    const drainedSeconds = (performance.now() - over) / 1000;
    await quiet(1);
    const shrunkSeconds = (performance.now() - over) / 1000;
    await watch.end();
    host.end();

    const undisturbed = others.filter(({ at }) => watch.isStill(at));
    const most = watch.most("wanted");
    const [firstSeconds, allSeconds] = [2, most].map((pods) => watch.secondsTo(({ ready }) => ready >= pods, begun)?.toFixed(1));
    console.log(hpa);
    tell("a burst on a pool that follows its queue", {
      "pods at most": most,
      "seconds from the burst's begin to the first new worker": String(firstSeconds),
      "seconds from the burst's begin to all of them": String(allSeconds),
      "seconds from the last accepted to drained": drainedSeconds.toFixed(1),
      "seconds from the last accepted to one pod": shrunkSeconds.toFixed(1),
      "p99 of the others' accepts, ms, steady": p99(steady),
      "p99 of the others' accepts, ms, in the burst": p99(others),
      "the same while no pod started or ended": p99(undisturbed),
      "of the others' accepts, while no pod started or ended": undisturbed.length,
      "seconds of a core that the machine's host took in the burst": host.takenSeconds(begun, over).toFixed(2),
      "p99 of the others' accepts, ms, steady, where it took none": p99(steady.filter(host.leftAlone)),
      "in the burst, where it took none": p99(others.filter(host.leftAlone)),
      "of the others' accepts in the burst, where it took none": others.filter(host.leftAlone).length,
    });
    expect(await doors().verdict(traffic().accepted())).toMatchObject({ lost: 0, doubled: 0, faults: [] });
    // Pods that start take both of the node's cores for a second or two, and who pays then waits for a core as they do: that is told, and no more.
    expect(p99(undisturbed)).toBeLessThan(Math.max(2 * p99(steady), noiseMs));
  }, 900_000);
}
