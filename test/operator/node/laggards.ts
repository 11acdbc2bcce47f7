import { expect, test } from "vitest";
import type { Cluster } from "../../cluster/cluster.ts";
import { eventually } from "../../cluster/eventually.ts";
import type { Shop } from "./shop.ts";

/** Under load: a standby is behind only where something is written. */
export function laggardTests(cluster: () => Cluster, shop: () => Shop): void {
  test.for<[string, (primary: string, standby: string) => Promise<() => Promise<unknown>>]>([
    [
      "replays nothing",
      async (_, standby) => {
        await signalReplay(standby, "STOP"); // what `pg_wal_replay_pause()` holds Patroni lets go by itself
        return () => signalReplay(standby, "CONT");
      },
    ],
    [
      "is cut off from the primary",
      async (primary, standby) => {
        const cut = await cluster().node.cut(member(standby), member(primary));
        return () => cut.heal();
      },
    ],
  ])("no list or report is led to a standby that %s, until it has caught up by itself", async ([what, hold]) => {
    const primary = await shop().primary();
    const [standby = "", other = ""] = ["shop-postgres-0", "shop-postgres-1", "shop-postgres-2"].filter((name) => name !== primary);
    await eventually(async () => expect(await led()).toEqual([standby, other]), { withinSeconds: 60 });

    const release = await hold(primary, standby);
    const out = await secondsUntilLed([other]);
    const isReady = (await ready()).includes(standby);
    await release();
    const back = await secondsUntilLed([standby, other]);

    console.log(`a standby ${what}: out after ${out.toFixed(1)} s, back ${back.toFixed(1)} s after it may follow again`);
    expect(isReady).toBe(true); // else a rollout would wait for it, and a budget count it
  });

  async function secondsUntilLed(pods: string[]): Promise<number> {
    const begun = performance.now();
    await eventually(async () => expect(await led()).toEqual(pods), { withinSeconds: 60, everyMs: 200 });
    return (performance.now() - begun) / 1000;
  }

  /** Pods that the node's proxy leads to. */
  async function led(): Promise<string[]> {
    const selector = "kubernetes.io/service-name=shop-postgres-replicas";
    const slices = await cluster().list("endpointslices", { namespace: shop().namespace, selector });
    const endpoints = slices.flatMap(({ endpoints }) => (endpoints ?? []) as Endpoint[]);
    return endpoints.flatMap(({ conditions, targetRef }) => (conditions?.ready ? [targetRef!.name] : [])).toSorted();
  }

  const ready = async (): Promise<string[]> =>
    (await shop().list("pods", "postgres"))
      .filter(({ status }) => status.conditions.some((one: Condition) => one.type === "Ready" && one.status === "True"))
      .map(({ metadata }) => metadata.name);

  const member = (name: string) => ({ namespace: shop().namespace, name });
  const signalReplay = (name: string, signal: string) =>
    cluster().exec(member(name), [
      "bash",
      "-euc",
      `for p in $(grep -la 'startup [r]ecovering' /proc/[0-9]*/cmdline); do kill -${signal} $(basename $(dirname $p)); done`,
    ]);
}

type Endpoint = { readonly conditions?: { readonly ready?: boolean }; readonly targetRef?: { readonly name: string } };
type Condition = { readonly type: string; readonly status: string };
