import { describe, expect, test } from "vitest";
import { progress } from "../../../workloads/worker/progress.ts";
import { slots } from "../../../workloads/worker/slots.ts";

describe("slots", () => {
  test("never hold more than their count, and start the next when one falls free", async () => {
    const three = slots(3);
    let running = 0;
    let most = 0;
    let done = 0;
    const work = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
      done += 1;
    };

    for (let i = 0; i < 20; i++) await three.start(work);
    await three.idle();

    expect({ most, done, free: three.free() }).toEqual({ most: 3, done: 20, free: 3 });
  });

  test("tell when enough are free", async () => {
    const two = slots(2);
    const gate = Promise.withResolvers<void>();
    await two.start(() => gate.promise);
    let told = false;
    const watching = two.whenFree(2).then(() => {
      told = true;
    });

    await two.whenFree(1);
    const before = told;
    gate.resolve();
    await watching;

    expect([before, told]).toEqual([false, true]);
  });
});

describe("progress", () => {
  test("stands still when nobody looks, and not while work goes on", async () => {
    const idle = progress({ slots: { free: () => 5 }, lastLookAt: () => performance.now(), patienceSeconds: 0.01 });
    const asleep = progress({ slots: { free: () => 5 }, lastLookAt: () => performance.now() - 20, patienceSeconds: 0.01 });

    expect([idle.standstill(), asleep.standstill()]).toEqual([undefined, expect.stringContaining("nobody looked")]);
  });

  test("stands still when every slot is taken and none is given back", async () => {
    const full = progress({ slots: { free: () => 0 }, lastLookAt: () => performance.now(), patienceSeconds: 0.02 });
    await new Promise((resolve) => setTimeout(resolve, 40));
    const stuck = full.standstill();
    full.finished();

    expect([stuck, full.standstill()]).toEqual([expect.stringContaining("no operation was finished"), undefined]);
  });
});
