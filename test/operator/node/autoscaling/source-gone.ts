import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { eventually } from "../../../cluster/eventually.ts";
import { operatorNamespace } from "../installed.ts";
import { says } from "../shop.ts";
import { type GrowingShop, pool } from "./growing-shop.ts";
import { watchPool } from "./watch-pool.ts";

/** Longer than the pool's own window: a depth that was taken for 0 would have shrunk it. */
const longEnoughMs = 30_000;

export function sourceGoneTests({ cluster, shop, traffic, quiet, doors }: GrowingShop): void {
  test.for<[string, () => Promise<() => Promise<void>>]>([
    [
      "the dispatcher hangs",
      async () => {
        const [dispatcher] = await shop().list("pods", "dispatcher");
        const pod = { namespace: shop().namespace, name: dispatcher!.metadata.name };
        await cluster().node.signal(pod, "SIGSTOP");
        return () => cluster().node.signal(pod, "SIGCONT");
      },
    ],
    [
      "the operator is gone",
      async () => {
        const scale = (replicas: number) =>
          cluster().kubectl("scale", "deployment/satang-operator", "-n", operatorNamespace, `--replicas=${replicas}`);
        await scale(0);
        return async () => void (await scale(2));
      },
    ],
    [
      "Postgres has no primary",
      async () => {
        const cut = await cluster().node.cut({ namespace: shop().namespace, name: await shop().primary() }, "everything");
        return () => cut.heal();
      },
    ],
  ])("while %s no pod of the pool is taken away, and it goes on by itself", { timeout: 600_000 }, async ([, take]) => {
    await grown();
    const giveBack = await take();
    await sleep(15_000); // what was counted is new for so long
    const before = (await wanted())!;
    const watch = watchPool(cluster(), shop(), pool.name);
    await sleep(longEnoughMs);
    const told = await shop().condition("AutoscalingActive");
    await watch.end();
    await giveBack();

    expect([watch.fewest("wanted"), watch.most("wanted")]).toEqual([before, before]);
    console.log(`meanwhile the condition said: ${told?.status} ${told?.reason}: ${told?.message}`);
    await says(shop(), "AutoscalingActive", { status: "True", reason: "ExternalMetrics" }, 180);
    await quiet(1);
    expect(await doors().verdict(traffic().accepted())).toMatchObject({ lost: 0, doubled: 0, faults: [] });
  });

  const wanted = async () => (await shop().get("deployment", `shop-worker-${pool.name}`)).spec.replicas as number;

  /** More pods than one, because of what was queued a moment ago. */
  async function grown(): Promise<void> {
    await doors().behaviour({ latencyMs: 2_000 });
    await traffic().pay("sale", { perSecond: 20, seconds: 5 });
    await eventually(async () => expect(await wanted()).toBeGreaterThan(2));
    await doors().behaviour({ latencyMs: 150 });
  }
}
