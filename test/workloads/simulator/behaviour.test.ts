import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type SimulatorProcess, startSimulatorProcess } from "./simulator-process.ts";

let simulator: SimulatorProcess;
beforeAll(async () => {
  simulator = await startSimulatorProcess();
});
afterEach(() => simulator.behave({}));
afterAll(() => simulator[Symbol.asyncDispose]());

const keys = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${name}-${i}`);
const payAll = (all: string[]) => Promise.all(all.map((key) => simulator.operate({ key, token: "tok_visa" })));

describe("behaviour", () => {
  test("errors are answers without effect, and the same key may succeed at another try", async () => {
    await simulator.behave({ errorRate: 0.5 });

    const answers = await payAll(keys("error", 400));

    const failed = keys("error", 400).filter((_, i) => answers[i]?.status === 500);
    expect(failed.length).toBeGreaterThan(140);
    expect(failed.length).toBeLessThan(260);
    expect(await Promise.all(failed.map(simulator.countOf))).toEqual(failed.map(() => 0));
    const again = await payAll(failed);
    expect(again.filter((answer) => answer?.status === 200).length).toBeGreaterThan(failed.length / 4);
  });

  test("a lost answer is an effect that a look-up tells of", async () => {
    await simulator.behave({ unknownRate: 1 });

    const answers = await payAll(keys("lost", 20));

    expect(answers.every((answer) => answer === undefined)).toBe(true);
    expect(await Promise.all(keys("lost", 20).map(simulator.countOf))).toEqual(keys("lost", 20).map(() => 1));
    expect((await simulator.lookUp("lost-0"))?.body.status).toBe("succeeded");
  });

  test("a decline stays one when declines have ended", async () => {
    await simulator.behave({ declineRate: 1 });
    await payAll(["refused"]);
    await simulator.behave({});

    const answer = await simulator.operate({ key: "refused", token: "tok_visa" });

    expect(answer).toMatchObject({ status: 402, body: { code: "card_declined" } });
    expect(await simulator.countOf("refused")).toBe(0);
  });

  test("the same keys meet the same fate in another simulator", async () => {
    await using other = await startSimulatorProcess();
    const faults = { errorRate: 0.2, unknownRate: 0.2, declineRate: 0.2 };
    await Promise.all([simulator.behave(faults), other.behave(faults)]);

    const fates = async (it: SimulatorProcess) =>
      (await Promise.all(keys("fate", 100).map((key) => it.operate({ key, token: "tok_visa" })))).map((answer) => answer?.status);

    const [here, there] = await Promise.all([fates(simulator), fates(other)]);
    expect(here).toEqual(there);
    expect(new Set(here)).toEqual(new Set([200, 402, 500, undefined]));
  });

  test("down cuts every call without effect, and still answers the judge", async () => {
    await simulator.behave({ down: true });

    const answers = [...(await payAll(keys("down", 5))), await simulator.lookUp("down-0")];

    expect(answers.every((answer) => answer === undefined)).toBe(true);
    expect(await simulator.countOf("down-0")).toBe(0);
  });

  test("beyond the rate, calls are told when to come back, without effect", async () => {
    await simulator.behave({ ratePerSecond: 10 });

    const answers = await payAll(keys("rate", 30));

    const refused = keys("rate", 30).filter((_, i) => answers[i]?.status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(15);
    expect(refused.length).toBeLessThanOrEqual(20);
    expect(answers.find((answer) => answer?.status === 429)?.headers.get("retry-after")).toBe("1");
    expect(await Promise.all(refused.map(simulator.countOf))).toEqual(refused.map(() => 0));
  });

  test("latency has the median and the tail that were asked for", async () => {
    await simulator.behave({ latencyMs: 50, latencyP99Ms: 400 });

    const times: number[] = [];
    const waiting = keys("latency", 200);
    const caller = async () => {
      for (let key = waiting.pop(); key; key = waiting.pop()) {
        const began = performance.now();
        await simulator.operate({ key, token: "tok_visa" });
        times.push(performance.now() - began);
      }
    };
    await Promise.all(Array.from({ length: 20 }, caller));

    const sorted = times.toSorted((a, b) => a - b);
    expect(sorted[100]).toBeGreaterThan(40);
    expect(sorted[100]).toBeLessThan(150);
    expect(sorted[199]).toBeGreaterThan(200);
  });
});
