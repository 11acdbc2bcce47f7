import { expect, test } from "vitest";
import type { Cluster } from "../../cluster/cluster.ts";
import { eventually } from "../../cluster/eventually.ts";
import type { PodName } from "../../cluster/kubectl.ts";
import { actsOfOthers } from "../acts-of-others.ts";
import { operatorNamespace } from "./installed.ts";
import type { Shop } from "./shop.ts";

const leaseSeconds = 15;

export function leaderTests(cluster: () => Cluster, shop: () => Shop): void {
  test("of its two pods one leads, and another process when that one is killed or cut off, within its lease; never do two act", async () => {
    const killed = await leader();
    await cluster().node.signal(killed.pod, "SIGKILL");
    await actsAgain("killed", killed);

    const cutOff = await leader();
    await using cut = await cluster().node.cut(cutOff.pod, "the API server");
    const next = await actsAgain("cut off", cutOff);
    await cut.heal();
    expect(next.pod).not.toEqual(cutOff.pod);
    await actsAgain("back", undefined);

    expect((await leader()).identity).toBe(next.identity);
    expect(actsOfOthers(cluster().node.writes())).toEqual([]);

    /** Waits until what was deleted by hand is there again, by another than this one. */
    async function actsAgain(what: string, before: Leader | undefined): Promise<Leader> {
      const begun = performance.now();
      await cluster().delete("service", "shop-api", shop().namespace);
      await eventually(() => shop().get("service", "shop-api"), { withinSeconds: 3 * leaseSeconds });
      const after = await leader();
      console.log(`the leader is ${what}: what was deleted is there again after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
      expect(after.identity).not.toBe(before?.identity);
      return after;
    }
  }, 300_000);

  interface Leader {
    readonly identity: string;
    readonly pod: PodName;
  }

  async function leader(): Promise<Leader> {
    const identity: string = (await cluster().get("lease", "satang-operator", operatorNamespace)).spec.holderIdentity;
    return { identity, pod: { namespace: operatorNamespace, name: identity.split("_")[0]! } };
  }
}
