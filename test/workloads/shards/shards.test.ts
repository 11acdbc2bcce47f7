import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { parsePublicId } from "../../../workloads/payment/id.ts";
import type { Customer } from "./customer.ts";
import { type ShardedSystem, startSharded } from "./sharded-system.ts";

let system: ShardedSystem;
/** A merchant of each shard. */
let here: Customer;
let there: Customer;
beforeAll(async () => {
  system = await startSharded({ shards: 2 });
  [here, there] = [await system.customer("Here"), await system.customer("There")];
});
afterAll(() => system[Symbol.asyncDispose]());
afterEach(() => expect(system.ended()).toEqual([]));

const count = async (shard: number, table: string): Promise<number> =>
  (await system.shards[shard]!.rows<{ n: number }>(`select count(*)::int as n from satang.${table}`))[0]!.n;
const payments = (shard: number) => system.shards[shard]!.rows<{ id: string; status: string }>("select id, status from satang.payments");
const open = (shard: number) => system.shards[shard]!.rows("select from satang.operations where is_open and kind <> 'expire'");
const settled = (shard: number) =>
  expect
    .poll(
      () =>
        open(shard).then(
          (rows) => rows.length,
          () => -1,
        ),
      { timeout: 40_000, interval: 100 },
    )
    .toBe(0);
const metric = async (name: string): Promise<string[]> => {
  const text = await (await fetch(`${system.management("dispatcher")}/metrics`)).text();
  return text.split("\n").filter((line) => line.startsWith(name));
};

/** What must be of all that was promised, once nothing is open. */
async function nothingLostNorDoubled(customers: readonly Customer[]): Promise<void> {
  for (const shard of system.shards.keys()) await settled(shard);
  const kept = new Set((await Promise.all([...system.shards.keys()].map(payments))).flat().map(({ id }) => id));
  const promised = customers.flatMap(({ accepted }) => [...accepted.values()].map((id) => parsePublicId("payment", id)!.uuid));
  expect(promised.filter((id) => !kept.has(id))).toEqual([]);

  const effects = await system.effects();
  expect(effects.filter(({ count }) => count !== 1)).toEqual([]);
  const moved = (
    await Promise.all(
      system.shards.map(({ rows }) =>
        rows<{ id: string }>("select id from satang.operations where kind in ('charge', 'refund') and state = 'succeeded'"),
      ),
    )
  ).flat();
  expect(effects.map(({ key }) => key).toSorted()).toEqual(moved.map(({ id }) => id).toSorted());
  for (const { rows } of system.shards)
    expect(await rows("select currency from satang.ledger_entries group by currency having sum(amount) <> 0")).toEqual([]);
}

describe("two shards", () => {
  test("spread merchants, each on one: what is his lies there whole, and nothing of it elsewhere", async () => {
    const more = await Promise.all(Array.from({ length: 8 }, (_, i) => system.customer(`Shop ${i}`)));
    const all = [here, there, ...more];

    const answers = await Promise.all(all.map((customer) => customer.pay({ wait: 20 })));

    expect(answers.map(({ body }) => body.status)).toEqual(all.map(() => "succeeded"));
    const shards = await Promise.all(all.map((customer) => system.shardOf(customer)));
    expect([shards.filter((shard) => shard === 0).length, shards.filter((shard) => shard === 1).length]).toEqual([5, 5]);
    for (const table of ["payments", "idempotency_keys", "events"])
      expect(await Promise.all([count(0, table), count(1, table)]), table).toEqual([5, 5]);
    for (const [i, customer] of all.entries()) {
      const { uuid } = parsePublicId("payment", answers[i]!.body.id)!;
      expect(
        (await payments(shards[i]!)).map(({ id }) => id),
        customer.merchant,
      ).toContain(uuid);
    }
    await nothingLostNorDoubled(all);
  });

  test("are found by a bare id, and by all else that a merchant asks", async () => {
    for (const customer of [here, there]) {
      const paid = (await customer.pay({ key: "found", wait: 20 })).body;
      const headers = { "idempotency-key": `refund of ${paid.id}`, prefer: "wait=20, return=token" };

      expect((await customer.ask("GET", `/v1/payments/${paid.id}`)).body).toMatchObject({ id: paid.id, status: "succeeded" });
      expect((await customer.pay({ key: "found" })).body.id).toBe(paid.id);
      expect((await customer.ask("GET", "/v1/idempotency-keys/found")).body).toMatchObject({ payment: paid.id });
      expect((await customer.ask("POST", `/v1/payments/${paid.id}/refunds`, { body: { amount: 100 }, headers })).body.status).toBe(
        "succeeded",
      );
      expect((await customer.ask("GET", "/v1/payments")).body.data).toHaveLength(2);
      expect((await customer.ask("GET", "/v1/balance")).body.accounts).not.toEqual([]);
    }
    const [ofThere] = there.accepted.values();
    expect((await here.ask("GET", `/v1/payments/${ofThere}`)).status).toBe(404);
  });

  test("keep their audit log where the thing is, and show it as one", async () => {
    const made: string[] = [];
    for (const customer of [here, there])
      made.push((await customer.ask("POST", "/v1/webhook-endpoints", { body: { url: "https://shop.example/hooks" } })).body.id);

    const log = (await system.admin("GET", "/v1/audit-log?limit=3")).body.data as { action: string; merchant: string }[];
    const ofThere = (await system.admin("GET", `/v1/audit-log?merchant=${there.merchant}`)).body.data as { action: string }[];

    expect(log.slice(0, 2).map(({ merchant, action }) => [merchant, action])).toEqual([
      [there.merchant, "webhook_endpoint.created"],
      [here.merchant, "webhook_endpoint.created"],
    ]);
    expect(ofThere.map(({ action }) => action)).toEqual(["webhook_endpoint.created", "api_key.created", "merchant.created"]);
    for (const [i, customer] of [here, there].entries()) await customer.ask("DELETE", `/v1/webhook-endpoints/${made[i]}`);
  });
});

describe.each([1, 0])("while shard %i is away", (dead) => {
  test("the other's merchants notice nothing; its own are asked to come back; then all is final, and balances", async () => {
    const [mine, others] = dead === 1 ? [there, here] : [here, there];
    for (const customer of [here, there]) customer.refused.length = 0;
    const before = others.accepted.size;
    const paying = [mine, others].flatMap((customer) => Array.from({ length: 2 }, () => customer.paying()));
    await new Promise((resolve) => setTimeout(resolve, 1_500));

    await system.shards[dead]!.postgres.kill("SIGQUIT");
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    const refused = await mine.pay({ key: "while away" });
    const waited = await others.pay({ wait: 10 });
    const ready = await Promise.all(["api", "dispatcher", "worker-payments"].map((name) => fetch(`${system.management(name)}/readyz`)));
    const depth = (await (await fetch(`${system.management("dispatcher")}/queues`)).json()) as { queues: object };
    const reachable = await metric("satang_shard_reachable");
    await system.shards[dead]!.postgres.start();
    await expect.poll(async () => (await mine.pay({ key: "while away" })).status, { timeout: 20_000 }).toBeLessThan(300);
    await Promise.all(paying.map((one) => one.stop()));

    expect(refused).toMatchObject({ status: 503, body: { code: "store_unavailable" } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(others.refused).toEqual([]);
    expect(others.accepted.size - before).toBeGreaterThan(100);
    expect(waited.body.status).toBe("succeeded");
    expect(new Set(mine.refused)).toEqual(new Set(["503 store_unavailable"]));
    expect(ready.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(depth.queues).toHaveProperty("payments");
    expect(reachable).toContain(`satang_shard_reachable{shard="${dead}"} 0`);
    expect(reachable).toContain(`satang_shard_reachable{shard="${1 - dead}"} 1`);
    await nothingLostNorDoubled([here, there]);
    await expect.poll(() => metric("satang_ledger_imbalance"), { timeout: 30_000 }).toEqual(["satang_ledger_imbalance_minor_units 0"]);
  }, 120_000);
});
