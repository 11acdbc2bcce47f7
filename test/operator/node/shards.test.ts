import { afterAll, beforeAll, expect, test } from "vitest";
import { parsePublicId } from "../../../workloads/payment/id.ts";
import { onOwnNode, sharedCluster } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import type { Forward } from "../../cluster/forward.ts";
import { tell } from "../../support/tell.ts";
import { ask, Customer } from "../../workloads/shards/customer.ts";
import type { Effect } from "../../workloads/simulator/simulator-process.ts";
import { install, ourImages } from "./installed.ts";
import { openShop, type Shop } from "./shop.ts";
import { tinyShop } from "./tiny-shop.ts";

const spec = (shards: number) => ({ ...tinyShop, postgres: { ...tinyShop.postgres, shards, instances: 2, durability: "required" } });

onOwnNode("several shards", () => {
  const cluster = sharedCluster({ images: ourImages });
  let shop: Shop;
  let door: Forward;
  const customers: Customer[] = [];
  beforeAll(async () => {
    await install(cluster());
    shop = await openShop(cluster(), spec(1));
    await shop.ready(300);
    door = await cluster().forward({ namespace: shop.namespace, name: "shop-api" }, 80);
    for (const name of ["First", "Second"]) await customerOf(name);
  });
  afterAll(async () => {
    await door?.[Symbol.asyncDispose]();
    await shop?.[Symbol.asyncDispose]();
  });

  test("the second is added under load: nothing is refused, and the first goes on as it was", async () => {
    const [members, apis] = [await membersOf("postgres"), await membersOf("api")];
    const paying = customers.map((customer) => customer.paying());
    await moreFrom(customers, 20);

    const begun = performance.now();
    await shop.apply(spec(2));
    await shop.settled(400);
    const seconds = (performance.now() - begun) / 1000;
    // One that goes serves whoever is connected to it for some seconds more; whom it makes meanwhile it places on the shards that it knows.
    await eventually(async () => expect((await membersOf("api")).filter((one) => apis.includes(one))).toEqual([]));
    await moreFrom(customers, 20);
    await Promise.all(paying.map((one) => one.stop()));

    const accepted = customers.reduce((sum, one) => sum + one.accepted.size, 0);
    const refused = customers.flatMap((one) => one.refused);
    tell("a second shard is added under load", { seconds: seconds.toFixed(0), accepted, refused: refused.length });
    expect(refused).toEqual([]);
    expect(accepted).toBeGreaterThan(100);
    expect(await membersOf("postgres")).toEqual(members);
    const { postgres } = (await shop.resource()).status!;
    expect(postgres).toMatchObject({ ready: "4/4", primary: `${await shop.primary(0)},${await shop.primary(1)}` });
  });

  test("merchants are spread over both, and all that is theirs is found by a bare id", async () => {
    for (const name of ["Third", "Fourth"]) await customerOf(name);

    const places = await Promise.all(customers.map(shardOf));
    expect(places).toEqual([0, 0, 1, 1]);
    for (const [i, customer] of customers.entries()) {
      const { id, status } = (await customer.pay({ wait: 20 })).body;
      expect(status).toBe("succeeded");
      expect((await customer.ask("GET", `/v1/payments/${id}`)).body).toMatchObject({ id, status: "succeeded" });
      const { uuid } = parsePublicId("payment", id)!;
      const found = await Promise.all([0, 1].map((shard) => shop.sql(`select count(*) from satang.payments where id = '${uuid}'`, shard)));
      expect(found.map(Number)).toEqual([0, 1].map((shard) => (shard === places[i] ? 1 : 0)));
    }
  });

  test.for([1, 0])("the primary of shard %i is killed by force: merchants of the other notice nothing", async (dead) => {
    const others = await livingOn(1 - dead);
    const its = await livingOn(dead);
    const before = await shop.primary(dead);
    for (const one of customers) one.refused.length = 0;
    const paying = customers.map((customer) => customer.paying());
    await moreFrom(customers, 10);
    const had = others.reduce((sum, one) => sum + one.accepted.size, 0);

    const begun = performance.now();
    await cluster().kubectl("delete", "pod", before, "-n", shop.namespace, "--wait=false", "--force", "--grace-period=0");
    await eventually(async () => expect(await shop.primary(dead)).not.toBe(before), { withinSeconds: 120 });
    await moreFrom(its, 10);
    const seconds = (performance.now() - begun) / 1000;
    await shop.ready(240);
    await Promise.all(paying.map((one) => one.stop()));

    const accepted = others.reduce((sum, one) => sum + one.accepted.size, 0) - had;
    tell(`the primary of shard ${dead} is killed by force`, {
      "its merchants pay again after, s": seconds.toFixed(1),
      "refused of its merchants": its.flatMap((one) => one.refused).length,
      "accepted of the other's": accepted,
      "refused of the other's": others.flatMap((one) => one.refused).length,
    });
    expect(others.flatMap((one) => one.refused)).toEqual([]);
    expect(accepted).toBeGreaterThan(50);
  });

  test("nothing that was accepted in all this is lost, and each effect is there once", async () => {
    const rowsOf = async (query: string) =>
      (await Promise.all([0, 1].map((shard) => shop.sql(query, shard)))).flatMap((text) => text.split("\n").filter(Boolean));
    await eventually(async () => expect(await rowsOf("select id from satang.operations where is_open and kind <> 'expire'")).toEqual([]), {
      withinSeconds: 180,
    });

    const promised = customers.flatMap(({ accepted }) => [...accepted.values()].map((id) => parsePublicId("payment", id)!.uuid));
    const kept = new Set(await rowsOf("select id from satang.payments"));
    const moved = await rowsOf("select id from satang.operations where kind = 'charge' and state = 'succeeded'");
    const effects = await effectsOf();

    tell("all payments of these drills", { accepted: promised.length, effects: effects.length });
    expect(promised.filter((id) => !kept.has(id))).toEqual([]);
    expect(effects.filter(({ count }) => count !== 1)).toEqual([]);
    expect(effects.map(({ key }) => key).toSorted()).toEqual(moved.toSorted());
    expect(await rowsOf("select currency from satang.ledger_entries group by currency having sum(amount) <> 0")).toEqual([]);
  });

  async function customerOf(name: string): Promise<void> {
    const api = `http://${door.address}`;
    const { data } = await shop.get("secret", "shop-credentials");
    const admin = (path: string, body: object) =>
      ask(`${api}${path}`, { method: "POST", key: Buffer.from(data.adminKey, "base64").toString(), body });
    // A moment after a pod is ready its Service may still refuse: the node's proxy hears of it a second later.
    const { body: merchant } = await eventually(() => admin("/v1/merchants", { name }), { withinSeconds: 10 });
    const { body: key } = await admin("/v1/api-keys", { merchant: merchant.id });
    customers.push(new Customer({ api, merchant: merchant.id, secretKey: key.secret }));
  }
  async function shardOf({ merchant }: Customer): Promise<number> {
    const { bucket } = parsePublicId("merchant", merchant)!;
    return Number(await shop.sql(`select shard from satang.bucket_shards where bucket = ${bucket}`));
  }
  async function livingOn(shard: number): Promise<Customer[]> {
    const places = await Promise.all(customers.map(shardOf));
    return customers.filter((_, i) => places[i] === shard);
  }
  async function membersOf(component: string): Promise<string[]> {
    return (await shop.list("pods", component)).map(({ metadata }) => `${metadata.name} ${metadata.uid}`).toSorted();
  }
  /** Until each of them was promised so many payments more. */
  async function moreFrom(these: readonly Customer[], count: number): Promise<void> {
    const targets = these.map(({ accepted }) => accepted.size + count);
    await eventually(() => expect(these.every(({ accepted }, i) => accepted.size >= targets[i]!)).toBe(true), { withinSeconds: 120 });
  }
  async function effectsOf(): Promise<Effect[]> {
    await using simulator = await cluster().forward({ namespace: shop.namespace, name: "shop-simulator" }, 4010);
    const all: Effect[] = [];
    for (let cursor: number | null = 0; cursor !== null; ) {
      const answer = await fetch(`http://${simulator.address}/v1/effects?cursor=${cursor}&limit=10000`);
      const page = (await answer.json()) as { effects: Effect[]; next: number | null };
      all.push(...page.effects);
      cursor = page.next;
    }
    return all;
  }
});
