import { cp, rm } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Machine, startMachine } from "./machine.ts";

// Each test brings a real system to a named line of what it does, kills a process there from outside, and starts it again.
// What must hold is read from the rows and from the provider's own record.

const shared = { VISIBILITY_SECONDS: "1" };
const env = {
  api: shared,
  dispatcher: { ...shared, QUEUES: "payments" },
  worker: { ...shared, QUEUES: "payments", LEASE_SECONDS: "3", PROVIDER_TIMEOUT_SECONDS: "1", RESOLVE_SCHEDULE_SECONDS: "1,1,1,2,2,5,5" },
};
const charge = "POST /v1/operations";

let machine: Machine;
beforeAll(async () => {
  machine = await startMachine({ env });
});
afterAll(() => machine[Symbol.asyncDispose]());
beforeEach(async () => {
  await machine.workers[1].kill(); // the second comes where a test calls for it
  await machine.startAll([machine.workers[1]]);
});

const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 10_000, interval: 10 });

let orders = 0;
const order = (): string => `order-${++orders}`;

type Operation = { id: string; state: string; attempt: number; is_due: boolean; payment_id: string };
async function operationsOf(...keys: string[]): Promise<Operation[]> {
  const sql = `select o.id, o.state, o.attempt, o.due_at <= now() as is_due, o.payment_id
    from satang.operations o join satang.idempotency_keys k using (bucket, merchant_id, payment_id) where k.key = any($1)`;
  return machine.rows<Operation>(sql, [keys]);
}
async function effectsOf(key: string): Promise<number> {
  const [operation] = await operationsOf(key);
  const answer = await fetch(`${machine.simulatorUrl}/v1/effects/${operation!.id}`);
  return ((await answer.json()) as { count: number }).count;
}

/** What died is started, the merchant asks again under his key, and all that was ever accepted here has ended as it must. */
async function expectRestored(...keys: string[]): Promise<void> {
  await machine.startAll([machine.workers[1]]);
  await Promise.all(keys.map((key) => machine.merchant.insist(key))); // throws where a key made another payment before
  await machine.settled(20);
  const payments = await Promise.all(keys.map((key) => machine.merchant.get(machine.merchant.accepted.get(key)!)));
  expect(payments.map((told) => told?.payment.status)).toEqual(keys.map(() => "succeeded"));
  const { faults, ...figures } = await machine.judge();
  expect(faults).toEqual([]);
  expect(figures).toMatchObject({ lost: 0, doubled: 0, open: 0 });
}

describe("the API dies", () => {
  test("before the accept commits: nothing was made, and the retry makes it", async () => {
    const key = order();
    const stop = machine.gates.api.postgres.stopAt({ before: "accept" });
    const told = machine.merchant.pay(key);
    await stop.reached;
    await machine.api.kill();

    expect(await told).toBeUndefined();
    expect(await operationsOf(key)).toEqual([]);
    await expectRestored(key);
  });

  test("after the accept commits, before the answer: the payment is made all the same, and the retry gets it", async () => {
    const key = order();
    const stop = machine.gates.api.postgres.stopAt({ after: "accept" });
    const told = machine.merchant.pay(key);
    await stop.reached;
    await machine.api.kill();

    expect(await told).toBeUndefined();
    expect(await operationsOf(key)).toHaveLength(1);
    await machine.settled(10); // nobody asked again
    expect(await effectsOf(key)).toBe(1);
    await expectRestored(key);
  });

  test("before its hint reaches Redis: the payment is due by itself", async () => {
    const key = order();
    const stop = machine.gates.api.redis.stopAt({ before: "hint" });
    const told = machine.merchant.pay(key);
    await stop.reached;
    await machine.api.kill();
    await told;

    await expectRestored(key);
  });
});

describe("the dispatcher dies", () => {
  /** Payments that are due, with a dispatcher that is about to offer them and nobody else who could. */
  async function aboutToOffer(count = 1): Promise<string[]> {
    await machine.workers[0].kill();
    machine.dispatcher.suspend();
    const keys = Array.from({ length: count }, order);
    await Promise.all(keys.map((key) => machine.merchant.insist(key)));
    await eventually(async () => (await operationsOf(...keys)).every((one) => one.is_due)).toBe(true);
    await machine.tellRedis("flushall"); // what the API hinted
    return keys;
  }

  test("before the offer commits: it stays due", async () => {
    const [key] = await aboutToOffer();
    const stop = machine.gates.dispatcher.postgres.stopAt({ before: "offer" });
    machine.dispatcher.resume();
    await stop.reached;
    await machine.dispatcher.kill();

    expect(await operationsOf(key!)).toMatchObject([{ state: "queued", attempt: 0, is_due: true }]);
    await expectRestored(key!);
  });

  test("after the offer commits, before it hears so: it is due again after the visibility", async () => {
    const [key] = await aboutToOffer();
    const stop = machine.gates.dispatcher.postgres.stopAt({ after: "offer" });
    machine.dispatcher.resume();
    await stop.reached;
    await machine.dispatcher.kill();

    expect(await operationsOf(key!)).toMatchObject([{ state: "queued", attempt: 0, is_due: false }]);
    await expectRestored(key!);
  });

  test("between the offer and addBulk: Redis never hears of it, and it is due again", async () => {
    const [key] = await aboutToOffer();
    const stop = machine.gates.dispatcher.redis.stopAt({ before: "hint" });
    machine.dispatcher.resume();
    await stop.reached;
    await machine.dispatcher.kill();

    expect(await machine.tellRedis("exists", "satang:payments:wait")).toBe(0);
    await expectRestored(key!);
  });

  test("in the middle of addBulk: what Redis did not get is due again", async () => {
    const keys = await aboutToOffer(120); // three jobs
    const stop = machine.gates.dispatcher.redis.stopAt({ half: "hint", use: 2 });
    machine.dispatcher.resume();
    await stop.reached;
    await machine.dispatcher.kill();

    await expectRestored(...keys);
  });
});

describe("Redis", () => {
  /** Payments whose hints lie in Redis, and nobody to take them. */
  async function hinted(count: number): Promise<string[]> {
    await machine.workers[0].kill();
    const keys = Array.from({ length: count }, order);
    await Promise.all(keys.map((key) => machine.merchant.insist(key)));
    await eventually(() => machine.tellRedis("llen", "satang:payments:wait")).toBeGreaterThan(0);
    return keys;
  }

  test("forgets everything: the payments do not", async () => {
    const keys = await hinted(20);

    await machine.tellRedis("flushall");

    await expectRestored(...keys);
  });

  test("comes back with old data: what it hints at is settled already, and stays as it is", async () => {
    const old = await hinted(20);
    await machine.redis.stop();
    await cp(machine.redisFolder, `${machine.redisFolder}.old`, { recursive: true });
    await expectRestored(...old);
    await machine.redis.kill();
    await rm(machine.redisFolder, { recursive: true });
    await cp(`${machine.redisFolder}.old`, machine.redisFolder, { recursive: true });

    const fresh = Array.from({ length: 5 }, order);
    await Promise.all(fresh.map((key) => machine.merchant.insist(key)));

    await expectRestored(...old, ...fresh);
    await eventually(() => machine.tellRedis("llen", "satang:payments:wait")).toBe(0); // the old hints were taken
    await expectRestored(...old);
  });
});

const [postgres, simulator] = ["postgres", "simulator"] as const;
const queued = { state: "queued", attempt: 0 };
const sent = { state: "sent", attempt: 1 };

describe("the worker dies", () => {
  test.each([
    ["before the claim commits", { at: postgres, moment: { before: "claim" }, leaves: queued, effects: 0 }],
    ["after the claim commits, before the call", { at: postgres, moment: { after: "claim" }, leaves: sent, effects: 0 }],
    ["with half of the call sent", { at: simulator, moment: { half: charge }, leaves: sent, effects: 0 }],
    ["during the call", { at: simulator, moment: { during: charge }, leaves: sent, effects: 1 }],
    ["when the provider has answered, before it hears so", { at: simulator, moment: { after: charge }, leaves: sent, effects: 1 }],
    ["after the call, before the settlement commits", { at: postgres, moment: { before: "settle" }, leaves: sent, effects: 1 }],
    [
      "after the settlement commits, before the job is finished",
      { at: postgres, moment: { after: "settle" }, leaves: { state: "succeeded", attempt: 1 }, effects: 1 },
    ],
  ] as const)("%s: the payment is charged once", async (_, { at, moment, leaves, effects }) => {
    const key = order();
    const stop = machine.gates.workers[0][at].stopAt(moment);
    await machine.merchant.insist(key);
    await stop.reached;
    await machine.workers[0].kill();

    await eventually(() => effectsOf(key)).toBe(effects);
    expect(await operationsOf(key)).toMatchObject([leaves]);
    await expectRestored(key);
  });
});

describe("a worker is stopped past its lease, and woken", () => {
  test("between the claim and the call: it leaves the call to whoever has it now", async () => {
    const [first, second] = machine.workers;
    const [gates] = machine.gates.workers;
    const key = order();
    const stop = gates.postgres.stopAt({ after: "claim" });
    await machine.merchant.insist(key);
    await stop.reached;
    first.suspend();
    await second.start();
    await machine.settled(10);
    const calls = gates.simulator.asked(charge);

    first.resume();
    stop.letThrough();

    const next = order();
    await second.kill();
    await machine.merchant.insist(next); // it works on
    await expectRestored(key, next);
    expect(gates.simulator.asked(charge)).toBe(calls + 1); // the next one, and not the first
  });

  test("during the call: the answer that it wakes up to is nobody's any more", async () => {
    const [first, second] = machine.workers;
    const key = order();
    const stop = machine.gates.workers[0].simulator.stopAt({ after: charge });
    await machine.merchant.insist(key);
    await stop.reached;
    first.suspend();
    await second.start();
    await machine.settled(10);

    first.resume();
    stop.letThrough();

    await expectRestored(key);
  });

  test("before it settles: it cannot write over the one who took over", async () => {
    const [first, second] = machine.workers;
    const key = order();
    const late = machine.gates.workers[0].postgres.stopAt({ before: "settle" });
    await machine.merchant.insist(key);
    await late.reached;
    first.suspend();
    const current = machine.gates.workers[1].postgres.stopAt({ before: "settle" });
    await second.start();
    await current.reached;

    first.resume();
    late.letThrough();
    await eventually(() => first.log).toContain("another worker has it by now");

    expect(await operationsOf(key)).toMatchObject([{ state: "unknown", attempt: 2 }]);
    current.letThrough();
    await expectRestored(key);
  });
});

test("Postgres dies under load and is started again: what was accepted is there, and each is charged once", async () => {
  const keys = Array.from({ length: 300 }, order);
  const waiting = [...keys];
  async function client(): Promise<void> {
    for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) await machine.merchant.insist(key);
  }
  const clients = Promise.all(Array.from({ length: 20 }, client));

  for (let deaths = 0; deaths < 2; deaths++) {
    await eventually(() => waiting.length).toBeLessThan(200 - 100 * deaths);
    await machine.postgres.kill("SIGQUIT"); // its way of dying at once: no checkpoint, sessions cut
    await machine.postgres.start();
  }
  await clients;

  await expectRestored(...keys);
});
