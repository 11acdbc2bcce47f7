import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { onOwnNode, sharedCluster } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { tell } from "../../support/tell.ts";
import { install, ourImages } from "./installed.ts";
import { type PaymentLoad, startLoad } from "./payment-load.ts";
import { type RedisWriter, startRedisWriter } from "./redis-writer.ts";
import { openShop, type Shop } from "./shop.ts";
import { smallShop } from "./small-shop.ts";

const members = ["shop-redis-0", "shop-redis-1", "shop-redis-2"];

// Each drill runs under the same load; what was accepted in all of them is judged at the end.
onOwnNode("Redis fails over under load", () => {
  const cluster = sharedCluster({ images: ourImages });
  let shop: Shop;
  let load: PaymentLoad & AsyncDisposable;
  let writer: RedisWriter;
  beforeAll(async () => {
    await install(cluster());
    const postgres = { ...smallShop.postgres, instances: 1, durability: "preferred" };
    shop = await openShop(cluster(), { ...smallShop, postgres, redis: { ...smallShop.redis, replicas: 3 } });
    await shop.ready(300);
    load = await startLoad(cluster(), shop);
    writer = await startRedisWriter(cluster(), shop);
  });
  afterAll(async () => {
    await load?.[Symbol.asyncDispose]();
    await shop?.[Symbol.asyncDispose]();
  });

  const redis = (name: string, command: string) =>
    cluster().exec({ namespace: shop.namespace, name, container: "redis" }, ["sh", "-c", `redis-cli --user member ${command}`]);
  const pod = (name: string, container = "redis") => ({ namespace: shop.namespace, name, container });
  const roles = async () => {
    const said = await Promise.all(members.map(async (name) => [name, await redis(name, "info replication").catch(() => "")] as const));
    return {
      masters: said.filter(([, text]) => /^role:master/m.test(text)).map(([name]) => name),
      followers: said.filter(([, text]) => /^master_link_status:up/m.test(text)).map(([name]) => name),
    };
  };
  /** One master, and two who follow it. */
  const whole = (withinSeconds = 90) =>
    eventually(
      async () => {
        const { masters, followers } = await roles();
        if (masters.length !== 1 || followers.length !== 2) throw new Error(`masters: ${masters}, followers: ${followers}`);
        return masters[0]!;
      },
      { withinSeconds, everyMs: 500 },
    );
  const removed = (...args: string[]) => cluster().kubectl("delete", "pod", "-n", shop.namespace, "--wait=false", ...args);

  test.for<[string, (master: string) => Promise<unknown>]>([
    ["the master's pod is deleted by force", (master) => removed(master, "--force", "--grace-period=0")],
    ["the master's pod is deleted", (master) => removed(master)],
    ["the master's process is killed", (master) => cluster().node.signal(pod(master), "SIGKILL")],
    [
      "the master's volume is lost",
      async (master) => {
        await cluster().exec(pod(master), ["sh", "-c", "rm -rf /data/*"]); // and of its Sentinel's
        await cluster().node.signal(pod(master), "SIGKILL");
      },
    ],
    ["all three are deleted by force, and come back at other addresses", () => removed(...members, "--force", "--grace-period=0")],
    [
      "one Sentinel after the other is killed, and then the master",
      async (master) => {
        for (const name of members) {
          await cluster().node.signal(pod(name, "sentinel"), "SIGKILL");
          await sleep(3_000);
        }
        await cluster().node.signal(pod(master), "SIGKILL");
      },
    ],
  ])("%s: the queue works again by itself, and no merchant is refused", async ([what, act]) => {
    const before = await whole();
    const began = Date.now();

    const { began: paidSince } = await load.during(what, () => act(before));
    await writer.writesAfter(Date.now(), 30);
    const after = await whole();

    await report(what, began, `${before} → ${after}`);
    expect((await writer.since(began)).gapSeconds).toBeLessThan(20);
    expect([...load.refusals(paidSince)]).toEqual([]);
  });

  test("the master is cut off: the others go on with another, and it follows that one once it is back", async () => {
    const before = await whole();
    const began = Date.now();
    await using cut = await cluster().node.cut(pod(before), "everything");
    await sleep(15_000);
    await writer.writesAfter(Date.now(), 30);
    const { gapSeconds } = await writer.since(began);

    await cut.heal();
    const after = await whole();

    await report("the master is cut off", began, `${before} → ${after}`);
    expect(after).not.toBe(before);
    expect(gapSeconds).toBeLessThan(20);
  });

  test("no payment that was accepted is lost, and none is charged twice", async () => {
    const verdict = await load.end();

    expect(verdict).toMatchObject({ lost: 0, doubled: 0, faults: [] });
    expect(verdict.accepted).toBeGreaterThan(100);
  });

  async function report(what: string, began: number, masters: string): Promise<void> {
    const { gapSeconds, lost } = await writer.since(began);
    tell(what, { "Redis took no writes, s": gapSeconds.toFixed(2), "its writes lost": lost, masters });
  }
});
