import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Machine, startMachine } from "../crash/machine.ts";

// A short visibility, so that what only Postgres still knows comes round within the test's patience.
const shared = { VISIBILITY_SECONDS: "2" };
const env = {
  api: shared,
  dispatcher: shared,
  worker: { ...shared, LEASE_SECONDS: "5", PROVIDER_TIMEOUT_SECONDS: "2", WEBHOOK_TIMEOUT_SECONDS: "2" },
};
const patientSeconds = 20;
/** No answer may take longer, whatever Redis does and however busy the machine is; one that waited for Redis would wait for ever. */
const answerMs = 5_000;

let orders = 0;

/** A merchant pays so many times, at once; how long the slowest answer took, in milliseconds. */
async function pay({ merchant }: Machine, count: number): Promise<number> {
  const times = Array.from({ length: count }, async () => {
    const start = performance.now();
    expect((await merchant.pay(`order-${++orders}`))?.status).toBe(202);
    return performance.now() - start;
  });
  return Math.max(...(await Promise.all(times)));
}

async function expectAllSucceeded(machine: Machine): Promise<void> {
  await machine.settled(patientSeconds);
  const { accepted } = machine.merchant;
  expect(await machine.judge()).toMatchObject({ faults: [], lost: 0, doubled: 0, succeeded: accepted.size, effects: accepted.size });
}

describe("Redis", () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await startMachine({ env });
  });
  afterAll(() => machine[Symbol.asyncDispose]());
  beforeEach(async () => {
    await machine.startAll();
    await machine.tellRedis("config", "set", "maxmemory", "0");
  });

  /** The API hints again, a worker takes the hint, and nothing is left lying. */
  async function expectHintsAgain(): Promise<void> {
    const hints = () => machine.gates.api.redis.asked("hint");
    const before = hints();
    await expect
      .poll(
        async () => {
          await pay(machine, 1);
          return hints();
        },
        { timeout: 10_000, interval: 200 },
      )
      .toBeGreaterThan(before);
    await expectAllSucceeded(machine);
    await expect.poll(() => machine.tellRedis("llen", "satang:payments:wait"), { timeout: 5_000 }).toBe(0);
  }

  test("carries hints while it is well", async () => {
    await expectHintsAgain();
  });

  test("is lost: payments are answered at once and succeed", async () => {
    await machine.redis.kill();

    expect(await pay(machine, 50)).toBeLessThan(answerMs);
    await expectAllSucceeded(machine);

    await machine.redis.start();
    await expectHintsAgain();
  });

  test("is there and answers nobody: payments are answered at once and succeed", async () => {
    machine.redis.suspend();

    for (let round = 0; round < 5; round++) expect(await pay(machine, 10)).toBeLessThan(answerMs);
    await expectAllSucceeded(machine);

    machine.redis.resume();
    await expectHintsAgain();
  });

  test("is full: payments are answered at once and succeed", async () => {
    await machine.tellRedis("config", "set", "maxmemory", "1");
    await expect(machine.tellRedis("set", "something", "else")).rejects.toThrow(/OOM/);

    // It still answers what only reads: who takes that for health offers to nobody, again and again.
    for (let round = 0; round < 3; round++) {
      expect(await pay(machine, 20)).toBeLessThan(answerMs);
      await machine.settled(12); // the visibility, a second look, and as much again
    }
    await expectAllSucceeded(machine);

    await machine.tellRedis("config", "set", "maxmemory", "0");
    await expectHintsAgain();
  });

  test("is restarted, twice, in the middle of payments", async () => {
    for (let restarts = 0; restarts < 2; restarts++) {
      const paying = pay(machine, 50);
      await machine.redis.kill();
      expect(await paying).toBeLessThan(answerMs);
      await machine.redis.start();
      await pay(machine, 50);
    }

    await expectAllSucceeded(machine);
    await expectHintsAgain();
  });

  test("forgets everything, again and again, in the middle of payments", async () => {
    for (let times = 0; times < 10; times++) {
      const paying = pay(machine, 20);
      await machine.tellRedis("flushall");
      expect(await paying).toBeLessThan(answerMs);
    }

    await expectAllSucceeded(machine);
    await expectHintsAgain();
  });
});

test("without any Redis, payments are answered at once and succeed", async () => {
  await using machine = await startMachine({ env, redis: false });
  await machine.startAll([machine.dispatcher]); // not even somebody who offers
  await machine.redis.kill();

  expect(await pay(machine, 100)).toBeLessThan(answerMs);

  await expectAllSucceeded(machine);
  expect(machine.gates.api.redis.asked("hint")).toBe(0);
});
