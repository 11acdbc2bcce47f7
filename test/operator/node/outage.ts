import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Cluster } from "../../cluster/cluster.ts";
import { eventually } from "../../cluster/eventually.ts";
import { operatorNamespace } from "./installed.ts";
import { startLoad } from "./payment-load.ts";
import type { Shop } from "./shop.ts";

const awaySeconds = 60;

export function outageTests(cluster: () => Cluster, shop: () => Shop): void {
  test(`an API server that is away for ${awaySeconds} s breaks nothing, payments go on, and what is asked for afterwards is done`, async () => {
    const restarts = async () =>
      (await cluster().list("pods", { namespace: operatorNamespace })).map(({ metadata, status }) => [
        metadata.name,
        status.containerStatuses[0].restartCount,
      ]);
    const before = await restarts();
    await using load = await startLoad(cluster(), shop());

    const begun = performance.now();
    await using outage = await cluster().node.outage("gone");
    await sleep(awaySeconds * 1000);
    const refused = [...load.refusals(begun)];
    await outage.heal();
    expect(refused).toEqual([]);
    expect(await load.end()).toMatchObject({ lost: 0, doubled: 0, faults: [] });
    await cluster().delete("service", "shop-api", shop().namespace);

    await eventually(() => shop().get("service", "shop-api"), { withinSeconds: 90 });
    await shop().ready();
    await eventually(async () => expect((await shop().pay()).status).toBe(201)); // the Service has another address, and names are remembered
    expect(await restarts()).toEqual(before);
  }, 300_000);
}
