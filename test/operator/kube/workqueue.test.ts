import { setTimeout as sleep } from "node:timers/promises";
import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { type Again, type Workqueue, type WorkqueueOptions, workqueue } from "../../../operator/kube/workqueue.ts";
import { workqueueMetrics } from "../../../operator/kube/workqueue-metrics.ts";
import { eventually } from "../../cluster/eventually.ts";

describe("a workqueue", () => {
  test("works once on a key that is added many times while it waits", async () => {
    await using queue = aQueue({ concurrency: 1 });
    queue.add("first");

    for (let i = 0; i < 10; i++) queue.add("second");
    await queue.rest();

    expect(queue.worked).toEqual(["first", "second"]);
  });

  test("works once more on a key that is added while it is worked on, and never on one key twice at a time", async () => {
    let most = 0;
    let atOnce = 0;
    await using queue = aQueue({
      work: async () => {
        most = Math.max(most, ++atOnce);
        await sleep(20);
        atOnce--;
        return "never";
      },
    });

    queue.add("shop");
    await sleep(5);
    for (let i = 0; i < 10; i++) queue.add("shop");
    await queue.rest();

    expect(queue.worked).toEqual(["shop", "shop"]);
    expect(most).toBe(1);
  });

  test("works on as many different keys at once as it may, in the order in which they came", async () => {
    let most = 0;
    let atOnce = 0;
    await using queue = aQueue({
      concurrency: 3,
      work: async () => {
        most = Math.max(most, ++atOnce);
        await sleep(5);
        atOnce--;
        return "never";
      },
    });
    const names = Array.from({ length: 20 }, (_, i) => `shop-${i}`);

    for (const name of names) queue.add(name);
    await queue.rest();

    expect(queue.worked).toEqual(names);
    expect(most).toBe(3);
  });

  test("comes back to a key that failed, later each time, until it succeeds; then it is patient again", async () => {
    const fails = [true, true, true, true, true, false, true, false];
    const waits: number[] = [];
    await using queue = aQueue({
      backoffSeconds: { first: 0.01, most: 0.08 },
      work: async () => {
        if (fails.shift()) throw new Error("the cluster is away");
        return fails.length > 0 ? { afterSeconds: 0.01 } : "never";
      },
      onFailure: (_, __, seconds) => waits.push(seconds),
    });

    queue.add("shop");
    await eventually(() => expect(fails).toHaveLength(0), { everyMs: 5 });

    for (const [i, longest] of [0.01, 0.02, 0.04, 0.08, 0.08, 0.01].entries()) {
      expect(waits[i]).toBeGreaterThanOrEqual(longest / 2);
      expect(waits[i]).toBeLessThanOrEqual(longest);
    }
  });

  test("works at once on a key that waits after a failure, when something new is known of it", async () => {
    let fails = 1;
    await using queue = aQueue({
      backoffSeconds: { first: 600, most: 600 },
      work: async () => {
        if (fails-- > 0) throw new Error("once");
        return "never";
      },
    });
    queue.add("shop");
    await queue.rest();

    queue.add("shop");
    await queue.rest();

    expect(queue.worked).toEqual(["shop", "shop"]);
  });

  test("comes back when the work says so, and at the earliest of several times", async () => {
    let answers: Again[] = [{ afterSeconds: 0.05 }, "never"];
    await using queue = aQueue({ work: async () => answers.shift() ?? "never" });

    queue.add("shop");
    await eventually(() => expect(queue.worked).toEqual(["shop", "shop"]), { everyMs: 5 });

    answers = [];
    queue.addAfter("late", 60);
    queue.addAfter("late", 0.02);
    queue.addAfter("late", 30);
    await eventually(() => expect(queue.worked.at(-1)).toBe("late"), { everyMs: 5, withinSeconds: 5 });
    await sleep(50);
    expect(queue.worked.filter((key) => key === "late")).toHaveLength(1);
  });

  test("says no to more keys than it may hold, and holds again what it was told to when there is room", async () => {
    const registry = new Registry();
    await using queue = aQueue({ concurrency: 1, maxKeys: 3, metrics: workqueueMetrics(registry) });

    const taken = ["a", "b", "c", "d", "a"].map((key) => queue.add(key));
    await queue.rest();

    expect(taken).toEqual([true, true, true, false, true]);
    expect(queue.add("d")).toBe(true);
    expect(await seriesOf(registry, "workqueue_refused_total")).toBe(1);
  });

  test("is empty of all it ever knew after ten thousand keys", async () => {
    await using queue = aQueue({ maxKeys: 50 });

    for (let i = 0; i < 10_000; i++) {
      while (!queue.add(`shop-${i}`)) await sleep(1);
      if (i % 50 === 0) await sleep(0);
    }
    await queue.rest();

    expect(queue.worked).toHaveLength(10_000); // had one key stayed behind each time, there would have been no room
  });

  test("is over when what is under way has ended, and takes nothing afterwards", async () => {
    const queue = aQueue({ concurrency: 1, work: () => sleep(30, "never" as const) });
    queue.add("under way");
    queue.add("waiting");
    queue.addAfter("later", 0.01);
    await sleep(5);

    await queue.stop();

    expect(queue.ended).toEqual(["under way"]);
    expect(queue.add("more")).toBe(false);
    await sleep(60);
    expect(queue.worked).toEqual(["under way"]);
  });

  test("tells under client-go's names how it fares", async () => {
    const registry = new Registry();
    let fails = 1;
    await using queue = aQueue({
      metrics: workqueueMetrics(registry),
      backoffSeconds: { first: 0.01, most: 0.01 },
      concurrency: 1,
      work: async () => {
        if (fails-- > 0) throw new Error("once");
        return "never";
      },
    });

    queue.add("a");
    for (let i = 0; i < 5; i++) queue.add("b");
    expect(await seriesOf(registry, "workqueue_depth")).toBe(1);
    await eventually(() => expect(queue.worked).toHaveLength(3), { everyMs: 5 });
    await queue.rest();

    expect(await seriesOf(registry, "workqueue_depth")).toBe(0);
    expect(await seriesOf(registry, "workqueue_adds_total")).toBe(3);
    expect(await seriesOf(registry, "workqueue_retries_total")).toBe(1);
    expect(await seriesOf(registry, "workqueue_queue_duration_seconds_count")).toBe(3);
    expect(await seriesOf(registry, "workqueue_work_duration_seconds_count")).toBe(3);
  });
});

/** A queue that remembers what was worked on. */
function aQueue(
  options: Partial<WorkqueueOptions>,
): Workqueue & AsyncDisposable & { worked: string[]; ended: string[]; rest(): Promise<void> } {
  const worked: string[] = [];
  const ended: string[] = [];
  const { work = async () => "never" as const } = options;
  const queue = workqueue({
    name: "trial",
    ...options,
    work: async (key) => {
      worked.push(key);
      try {
        return await work(key);
      } finally {
        ended.push(key);
      }
    },
  });
  const rest = async () => {
    do await sleep(30);
    while (queue.depth > 0 || ended.length < worked.length);
  };
  return Object.assign(queue, { worked, ended, rest, [Symbol.asyncDispose]: () => queue.stop() });
}

/** Of the series of the queue `trial`. */
async function seriesOf(registry: Registry, name: string): Promise<number> {
  const line = (await registry.metrics()).split("\n").find((text) => text.startsWith(`${name}{`));
  return Number(line?.split(" ").at(-1));
}
