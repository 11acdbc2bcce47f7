import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openImpatient } from "../../../workloads/queue/connection.ts";
import { watchMemory } from "../../../workloads/queue/watch-memory.ts";
import { type ReplicaSet, startReplicaSet } from "./replica-set.ts";

const patience = { timeout: 20_000, interval: 100 };

describe("how full Redis is", () => {
  let set: ReplicaSet;
  beforeAll(async () => {
    set = await startReplicaSet();
  });
  afterAll(() => set?.[Symbol.asyncDispose]());

  test("is told by the login of processes: nothing without a bound, and near 1 where new things are refused; nothing while it is away", async () => {
    let told: number | undefined | "nothing yet" = "nothing yet";
    const watch = watchMemory({ redisUrl: set.url, pauseMs: 200, onTold: (ratio) => (told = ratio) });
    try {
      await expect.poll(() => told, patience).toBeUndefined();

      const bound = await set.boundMemory(20 * 2 ** 20);
      const writer = openImpatient(set.url, 1_000);
      await expect.poll(() => told, patience).toBeGreaterThan(0);
      expect(told).toBeLessThan(0.7);
      await expect.poll(() => writer.status, patience).toBe("ready");
      const refused = await writtenUntilRefused((key) => writer.set(key, "x".repeat(200_000)));
      expect(refused).toContain("OOM");
      await expect.poll(() => told, patience).toBeGreaterThan(0.95);
      writer.disconnect();

      set.freeze(bound);
      await expect.poll(() => told, { ...patience, interval: 20 }).toBeUndefined();
    } finally {
      await watch.stop();
    }
  });
});

async function writtenUntilRefused(write: (key: string) => Promise<unknown>): Promise<string> {
  for (let key = 0; key < 1_000; key++) {
    const refused = await write(`filler-${key}`).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (refused?.includes("OOM")) return refused;
  }
  return "never";
}
