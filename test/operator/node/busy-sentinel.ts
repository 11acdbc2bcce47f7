import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Cluster } from "../../cluster/cluster.ts";
import { eventually } from "../../cluster/eventually.ts";
import type { Shop } from "./shop.ts";

const sentinelPort = 26379;
const lookSeconds = 3;

/** Of a system with Sentinels that is ready. */
export function busySentinelTests(cluster: () => Cluster, shop: () => Shop): void {
  test("has no Sentinel that goes on being busy with a connection that was rejected first and let through then", async () => {
    const [one, ...others] = (await shop().list("pods", "redis")).map(({ metadata }) => metadata.name);
    const inSentinel = (name: string, command: string) =>
      cluster().exec({ namespace: shop().namespace, name, container: "sentinel" }, ["sh", "-c", command]);
    const ticks = async () => Number(await inSentinel(one!, "awk '{ print $14 + $15 }' /proc/1/stat"));

    const rejected = await cluster().node.reject({ namespace: shop().namespace, name: one! }, sentinelPort);
    for (const name of others) await inSentinel(name, `redis-cli --user member -p ${sentinelPort} client kill type normal user member`);
    await sleep(500);
    await rejected.heal();

    const partOfACore = async () => {
      const before = await ticks();
      await sleep(lookSeconds * 1_000);
      return ((await ticks()) - before) / (100 * lookSeconds);
    };
    await eventually(async () => expect(await partOfACore()).toBeLessThan(0.1), { withinSeconds: 60 });
    const known = await inSentinel(one!, `redis-cli --user member -p ${sentinelPort} sentinel ckquorum satang`);
    expect(known).toMatch(/^OK 3 usable Sentinels/);
  });
}
