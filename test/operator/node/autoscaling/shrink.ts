import { expect, test } from "vitest";
import { leaseSeconds, visibilitySeconds } from "../../../../workloads/contract.ts";
import { eventually } from "../../../cluster/eventually.ts";
import { type GrowingShop, growing, pool, range } from "./growing-shop.ts";

const times = 20;

export function shrinkTests({ shop, traffic, quiet, doors }: GrowingShop): void {
  test(`a pool that shrinks under load ${times} times loses and doubles nothing, and no operation waits longer than lease and visibility`, async () => {
    const since = new Date().toISOString();
    let isOver = false;
    const paying = (async () => {
      while (!isOver) await traffic().pay("sale", { perSecond: 15, seconds: 5 });
    })();
    for (let time = 0; time < times; time++)
      for (const pods of [3, 1]) {
        await shop().apply(growing({ min: pods, max: pods }));
        await eventually(async () => {
          const { spec, status } = await shop().get("deployment", `shop-worker-${pool.name}`);
          expect([spec.replicas, status?.readyReplicas]).toEqual([pods, pods]);
        });
      }
    isOver = true;
    await paying;
    await shop().apply(growing(range));
    await quiet(1);

    const longest = Number(
      await shop().sql(
        `select coalesce(max(extract(epoch from settled_at - created_at)), 0) from satang.operations where kind = 'charge' and created_at > '${since}'`,
      ),
    );
    console.log(`shrunk ${times} times; the longest wait of an operation was ${longest.toFixed(1)} s`);
    expect(longest).toBeLessThan(leaseSeconds + visibilitySeconds);
    expect(await doors().verdict(traffic().accepted())).toMatchObject({ lost: 0, doubled: 0, faults: [] });
  }, 900_000);
}
