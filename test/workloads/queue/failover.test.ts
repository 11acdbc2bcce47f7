import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { newUuid } from "../../../workloads/payment/id.ts";
import type { OperationRef } from "../../../workloads/payment/operation.ts";
import { openImpatient, openPatient } from "../../../workloads/queue/connection.ts";
import { openHints } from "../../../workloads/queue/hints.ts";
import { take } from "../../../workloads/queue/take.ts";
import { type ReplicaSet, startReplicaSet } from "./replica-set.ts";

/** Sentinels wait for a second here, then elect; the rest is for a busy machine. */
const patience = { timeout: 20_000, interval: 100 };

/** A dispatcher and a worker, as far as Redis is concerned. */
function queueOn({ url }: ReplicaSet): AsyncDisposable & { works(): Promise<boolean> } {
  const taken = new Set<string>();
  const hints = openHints({ redisUrl: url, queues: ["payments"], budgetMs: 500 });
  const start = async (refs: OperationRef[]) => {
    for (const { id } of refs) taken.add(id);
  };
  const taker = take({ redisUrl: url, queues: ["payments"], start, onError: () => {} });
  return {
    /** Whether a hint that is sent now is taken soon. */
    async works() {
      const ref = { bucket: 1, merchantId: newUuid(), id: newUuid() };
      if (!(await hints.send("payments", [ref]))) return false;
      for (let looks = 0; looks < 20 && !taken.has(ref.id); looks++) await new Promise((resolve) => setTimeout(resolve, 50));
      return taken.has(ref.id);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([hints.close(), taker.close()]);
    },
  };
}

describe("hints over a replica set", () => {
  test.for<[string, (set: ReplicaSet, master: number) => unknown]>([
    ["is killed", (set, master) => set.kill(master)],
    ["answers nobody any more, its lines open", (set, master) => set.freeze(master)],
    ["hands over while it is well", (set) => set.handOver()],
  ])("go on by themselves when the master %s", async ([_, act]) => {
    await using set = await startReplicaSet();
    await using queue = queueOn(set);
    await expect.poll(() => queue.works(), patience).toBe(true);
    const before = await set.master();

    await act(set, before);

    await expect.poll(() => set.master(), patience).not.toBe(before);
    await expect.poll(() => queue.works(), patience).toBe(true);
  });
});

describe("a client of a replica set", () => {
  test("writes to the new master also when the old one comes back", async () => {
    await using set = await startReplicaSet();
    const redis = openImpatient(set.url, 500);
    const writes = () => redis.incr("written").then(Boolean, () => false);
    await expect.poll(writes, patience).toBe(true);
    const before = await set.master();
    set.freeze(before);
    await expect.poll(() => set.master(), patience).not.toBe(before);
    await expect.poll(writes, patience).toBe(true);

    set.wake(before);
    const counted = [];
    for (let count = 0; count < 20; count++) {
      counted.push(await redis.incr("counted"));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }

    expect(counted).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    redis.disconnect();
  });

  test.for([
    ["that fails at once", (url: string) => openImpatient(url, 500)],
    ["that waits", openPatient],
    ["on which BullMQ waits", (url: string) => openPatient(url).duplicate()],
  ] as const)("%s finds the new master also when it is told of it while it asks who that is", async ([_, open]) => {
    await using set = await startReplicaSet();
    const redis = open(set.url);
    redis.on("error", () => {});
    const writes = () => Promise.race([redis.incr("written").then(Boolean, () => false), sleep(500, false)]);
    await expect.poll(writes, patience).toBe(true);

    set.freezeSentinel(0); // the one that it asks first: it waits for the answer until the others have elected
    await set.kill(0);

    await expect.poll(() => redis.status, patience).not.toBe("ready");
    await expect.poll(writes, patience).toBe(true);
    redis.disconnect();
    await sleep(300);
    expect(redis.status).toBe("end");
  });

  test("finds what it wrote in one transaction also after a server has read it from its file", async () => {
    await using set = await startReplicaSet();
    const redis = openImpatient(set.url, 500);
    await expect.poll(() => redis.multi().set("one", "1").set("two", "2").exec().catch(String), patience).toHaveLength(2);
    await new Promise((resolve) => setTimeout(resolve, 1_500)); // it is written to the disk each second

    await set.crash(await set.master());

    await expect.poll(() => redis.mget("one", "two").catch(String), patience).toEqual(["1", "2"]);
    redis.disconnect();
  });

  test("may do what the queue needs, and not what would harm it or the replica set", async () => {
    await using set = await startReplicaSet();
    const redis = openImpatient(set.url, 500);
    await expect.poll(() => redis.ping().catch(String), patience).toBe("PONG");

    for (const command of ["flushall", "config get *", "replicaof no one", "acl list", "shutdown"]) {
      const [name = "", ...words] = command.split(" ");
      await expect(redis.call(name, ...words), command).rejects.toThrow(/NOPERM/);
    }
    redis.disconnect();
  });
});
