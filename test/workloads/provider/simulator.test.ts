import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ProviderCall, Reply } from "../../../workloads/provider/provider.ts";
import { simulatorAdapter } from "../../../workloads/provider/simulator.ts";
import { tokens } from "../../../workloads/simulator/tokens.ts";
import { type SimulatorProcess, startSimulatorProcess } from "../simulator/simulator-process.ts";
import { aClaim } from "./a-claim.ts";

let simulator: SimulatorProcess;
let adapter: ReturnType<typeof simulatorAdapter>;
beforeAll(async () => {
  simulator = await startSimulatorProcess();
  adapter = simulatorAdapter({ name: "simulator", url: simulator.url, connections: 50 });
});
afterEach(() => simulator.behave({}));
afterAll(async () => {
  await adapter.close();
  await simulator[Symbol.asyncDispose]();
});

const within = (ms: number): AbortSignal => AbortSignal.timeout(ms);
function aCall(but: Partial<ProviderCall> & { token?: string } = {}): ProviderCall {
  const { token = "tok_visa", ...rest } = but;
  const { id: key, kind, amount, currency } = aClaim();
  return { key, kind, amount, currency, method: { type: "card", token }, parentReference: null, reference: "mer_1/op_1", ...rest };
}

const unknown = { kind: "unknown", reason: expect.stringMatching(/\w/) };
const declined = (code: string, key: string) => ({ kind: "declined", code, providerReference: `sim_${key}` });
const succeeded = (key: string) => ({ kind: "succeeded", providerReference: `sim_${key}`, fee: 578 });

describe("a call to the simulator", () => {
  const replies: Record<string, (key: string) => unknown> = {
    tok_visa: succeeded,
    tok_mastercard: succeeded,
    tok_slow: succeeded,
    tok_declined: (key) => declined("card_declined", key),
    tok_insufficient_funds: (key) => declined("insufficient_funds", key),
    tok_expired_card: (key) => declined("expired_card", key),
    tok_stolen_card: (key) => declined("stolen_or_lost_card", key),
    tok_fraud: (key) => declined("suspected_fraud", key),
    tok_nobody_issued_this: (key) => declined("invalid_token", key),
    tok_timeout: () => unknown,
    tok_unknown_then_ok: () => unknown,
    tok_never_known: () => unknown,
    tok_pending: () => ({ kind: "pending" }),
    tok_capture_declined: succeeded,
    tok_capture_unknown_then_ok: succeeded,
    tok_capture_pending: succeeded,
    tok_void_declined: succeeded,
    tok_refund_declined: succeeded,
    tok_refund_unknown_then_ok: succeeded,
    tok_refund_pending: succeeded,
    tok_error_500: () => unknown,
    tok_error_once: () => unknown,
    tok_rate_limited: () => ({ kind: "throttled", retryAfterMs: 1_000 }),
  };
  test("knows each of its tokens here", () => {
    expect(tokens.filter((token) => !(token in replies))).toEqual([]);
  });

  test.for(Object.entries(replies))("with %s is heard for what it is", async ([token, reply]) => {
    const call = aCall({ token });

    expect(await adapter.send(call, within(token === "tok_slow" ? 10_000 : 500))).toEqual(reply(call.key));
  });

  test("under a key that was used for another amount is our fault, and moves nothing", async () => {
    const call = aCall();
    await adapter.send(call, within(5_000));

    expect(await adapter.send({ ...call, amount: 1 }, within(5_000))).toMatchObject({ kind: "ours", reason: /409 key_reused/ });
    expect(await simulator.countOf(call.key)).toBe(1);
  });

  test("that it calls malformed is our fault", async () => {
    expect(await adapter.send(aCall({ amount: -1 }), within(5_000))).toMatchObject({ kind: "ours", reason: /400 invalid_request/ });
  });

  test("fifty times at once under one key is one effect, and one answer", async () => {
    const call = aCall();

    const answers = await Promise.all(Array.from({ length: 50 }, () => adapter.send(call, within(10_000))));

    expect(answers).toEqual(answers.map(() => succeeded(call.key)));
    expect(await simulator.countOf(call.key)).toBe(1);
  });

  test("goes through the life of a card: authorize, capture, refund", async () => {
    const authorize = aCall({ kind: "authorize" });
    const parent = async (reply: Promise<Reply>) => ((await reply) as { providerReference: string }).providerReference;
    const held = await parent(adapter.send(authorize, within(5_000)));

    const capture = aCall({ kind: "capture", method: null, parentReference: held });
    expect(await adapter.send(capture, within(5_000))).toEqual(succeeded(capture.key));
    const refund = aCall({ kind: "refund", method: null, parentReference: held });
    expect(await adapter.send(refund, within(5_000))).toMatchObject({ kind: "succeeded", fee: 0 });
    const over = aCall({ kind: "refund", method: null, parentReference: held, amount: 1 });
    expect(await adapter.send(over, within(5_000))).toMatchObject({ kind: "declined", code: "amount_not_allowed" });
  });

  test("that is cut while down is unknown, for who could tell", async () => {
    await simulator.behave({ down: true });

    expect(await adapter.send(aCall(), within(5_000))).toEqual(unknown);
    expect(await adapter.find(aCall(), within(5_000))).toEqual(unknown);
  });

  test.for(["http://127.0.0.1:1", "http://localhost:1", "http://no-such-host.invalid"])("to %s was not sent", async (url) => {
    const nobody = simulatorAdapter({ name: "simulator", url, connections: 1 });

    expect(await nobody.send(aCall(), within(10_000))).toMatchObject({ kind: "not_sent" });
    expect(await nobody.find(aCall(), within(10_000))).toMatchObject({ kind: "not_sent" });
    await nobody.close();
  });
});

describe("a look-up", () => {
  const found = async (token: string) => {
    const call = aCall({ token });
    await adapter.send(call, within(500));
    return { call, found: await adapter.find(call, within(5_000)) };
  };

  test.for(["tok_visa", "tok_timeout", "tok_unknown_then_ok"])("tells the success of %s", async (token) => {
    const { call, found: answer } = await found(token);

    expect(answer).toEqual(succeeded(call.key));
  });

  test("tells a decline, a call that is pending, and one that was never seen", async () => {
    expect((await found("tok_fraud")).found).toMatchObject({ kind: "declined", code: "suspected_fraud" });
    expect((await found("tok_never_known")).found).toEqual({ kind: "pending" });
    expect((await found("tok_error_500")).found).toEqual({ kind: "never_seen" });
    expect(await adapter.find(aCall(), within(5_000))).toEqual({ kind: "never_seen" });
  });

  test("of a success with another amount books nothing", async () => {
    const { call } = await found("tok_visa");

    expect(await adapter.find({ ...call, amount: 1 }, within(5_000))).toEqual(unknown);
  });

  test("answered 404 by somebody else says nothing about the call", async () => {
    const elsewhere = simulatorAdapter({ name: "simulator", url: `${simulator.url}/some/proxy`, connections: 1 });

    expect(await elsewhere.find(aCall(), within(5_000))).toMatchObject({ kind: "ours" });
    await elsewhere.close();
  });
});

describe("a simulator that is killed", () => {
  test("leaves the calls in flight unknown, later ones not sent, and answers both when it is back", async () => {
    await using own = await startSimulatorProcess();
    const line = simulatorAdapter({ name: "simulator", url: own.url, connections: 50 });
    await own.behave({ latencyMs: 2_000 });
    const inFlight = Array.from({ length: 20 }, () => aCall());
    const replies = inFlight.map((call) => line.send(call, within(10_000)));
    await expect.poll(async () => (await own.effects()).length).toBe(20); // all reached it, none was answered

    await own.kill();

    expect(await Promise.all(replies)).toEqual(inFlight.map(() => unknown));
    expect(await line.send(aCall(), within(5_000))).toMatchObject({ kind: "not_sent" });
    await own.startAgain();
    await own.behave({});
    expect(await Promise.all(inFlight.map((call) => line.find(call, within(5_000))))).toEqual(inFlight.map((call) => succeeded(call.key)));
    expect(await Promise.all(inFlight.map((call) => line.send(call, within(5_000))))).toEqual(inFlight.map((call) => succeeded(call.key)));
    expect((await own.effects()).filter((effect) => effect.count !== 1)).toEqual([]);
    await line.close();
  });
});
