import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type BreakerState, type GuardOptions, guarded } from "../../../workloads/provider/guarded.ts";
import type { ProviderCall, Reply } from "../../../workloads/provider/provider.ts";
import { simulatorAdapter } from "../../../workloads/provider/simulator.ts";
import { type SimulatorProcess, startSimulatorProcess } from "../simulator/simulator-process.ts";
import { aClaim } from "./a-claim.ts";

let simulator: SimulatorProcess;
beforeAll(async () => {
  simulator = await startSimulatorProcess();
});
afterEach(() => simulator.behave({}));
afterAll(() => simulator[Symbol.asyncDispose]());

const outcome = ({ kind }: Reply): string => kind;
function aCall(token = "tok_visa"): ProviderCall {
  const { id: key, kind, amount, currency } = aClaim();
  return { key, kind, amount, currency, method: { type: "card", token }, parentReference: null, reference: "mer_1/op_1" };
}

/** A guarded line to the simulator, with what its observer heard. */
function guard(options: Partial<GuardOptions> = {}) {
  const states: BreakerState[] = [];
  const calls: string[] = [];
  const observer: GuardOptions["observer"] = {
    onCall: ({ provider, operation, outcome }) => calls.push(`${provider} ${operation} ${outcome}`),
    onBreaker: (_, state) => states.push(state),
  };
  const adapter = simulatorAdapter({ name: "simulator", url: simulator.url, connections: 50 });
  const provider = guarded(adapter, { slots: 50, breaker: { seconds: 5, calls: 10, pauseMs: 300 }, observer, ...options });
  const sendMany = async (count: number, token?: string) => {
    const replies: Reply[] = [];
    for (let i = 0; i < count; i++) replies.push(await provider.send(aCall(token)));
    return replies.map(outcome);
  };
  return { provider, states, calls, sendMany, [Symbol.asyncDispose]: () => provider.close() };
}

describe("the circuit breaker of a provider", () => {
  test("opens when calls end unknown, and then nothing is sent", async () => {
    await using it = guard();
    await simulator.behave({ unknownRate: 1 });

    expect(await it.sendMany(10)).toEqual(Array(10).fill("unknown"));

    const later = aCall();
    expect(await it.provider.send(later)).toMatchObject({ kind: "not_sent", reason: "the circuit breaker is open" });
    expect(await it.provider.find(later)).toMatchObject({ kind: "not_sent" });
    expect(await simulator.countOf(later.key)).toBe(0);
    expect(it.states).toEqual(["closed", "open"]);
  });

  test("stays closed over any number of declines", async () => {
    await using it = guard();

    expect(await it.sendMany(40, "tok_declined")).toEqual(Array(40).fill("declined"));
    expect(it.states).toEqual(["closed"]);
  });

  test("stays closed while the provider asks us to wait", async () => {
    await using it = guard();

    expect(await it.sendMany(40, "tok_rate_limited")).toEqual(Array(40).fill("throttled"));
    expect(it.states).toEqual(["closed"]);
  });

  test("stays closed while fewer than half end unknown", async () => {
    await using it = guard();

    for (let i = 0; i < 20; i++) await it.sendMany(1, i % 3 === 0 ? "tok_error_500" : "tok_visa");

    expect(it.states).toEqual(["closed"]);
  });

  test("lets three calls try when its pause is over, sends no other meanwhile, and closes when they are answered", async () => {
    await using it = guard();
    await simulator.behave({ unknownRate: 1 });
    await it.sendMany(10);
    await simulator.behave({ latencyMs: 300 });
    await new Promise((resolve) => setTimeout(resolve, 700)); // the first pause, with its jitter

    const together = (await Promise.all(Array.from({ length: 10 }, () => it.provider.send(aCall())))).map(outcome);

    expect(together.toSorted()).toEqual([...Array(7).fill("not_sent"), ...Array(3).fill("succeeded")]);
    expect(it.states).toEqual(["closed", "open", "half_open", "closed"]);
    expect(await it.sendMany(1)).toEqual(["succeeded"]);
  });
});

describe("the guard of a provider", () => {
  test("ends a call that hangs after its timeout, as unknown", async () => {
    await using it = guard({ timeoutSeconds: 0.3 });
    const call = aCall("tok_timeout");

    expect(await it.provider.send(call)).toEqual({ kind: "unknown", reason: "no answer in 0.3 s" });
    expect(await it.provider.find(call)).toMatchObject({ kind: "succeeded" });
  });

  test("sends no more at once than it has slots", async () => {
    await using it = guard({ slots: 2 });
    await simulator.behave({ latencyMs: 300 });

    const outcomes = (await Promise.all(Array.from({ length: 5 }, () => it.provider.send(aCall())))).map(outcome);

    expect(outcomes).toEqual(["succeeded", "succeeded", "not_sent", "not_sent", "not_sent"]);
    expect(it.states).toEqual(["closed"]);
  });

  test("tells its observer how each call went", async () => {
    await using it = guard();
    const call = aCall("tok_fraud");

    await it.provider.find(call);
    await it.provider.send(call);

    expect(it.calls).toEqual(["simulator find never_seen", "simulator charge declined"]);
  });

  test("refuses a timeout that does not fit into a lease twice", () => {
    expect(() => guard({ timeoutSeconds: 15, leaseSeconds: 30 })).toThrow(/do not fit into a lease of 30 s/);
    expect(() => guard({ timeoutSeconds: 14, leaseSeconds: 30 })).not.toThrow();
  });
});
