import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, type SimulatorProcess, startSimulatorProcess } from "./simulator-process.ts";

let simulator: SimulatorProcess;
beforeAll(async () => {
  simulator = await startSimulatorProcess();
});
afterAll(() => simulator[Symbol.asyncDispose]());

const good = { key: "k", kind: "charge", amount: 100, currency: "THB", token: "tok_visa" };

describe("what is wrong with a call", () => {
  test.for<[string, object | string, number, string, string?]>([
    ["no JSON", "{", 400, "not_json"],
    ["an empty body", "", 400, "not_json"],
    ["a huge body", "x".repeat(100_000), 413, "body_too_large"],
    ["an array", [good], 400, "invalid_request"],
    ["no kind", { ...good, kind: undefined }, 400, "invalid_request", "kind"],
    ["an unknown kind", { ...good, kind: "steal" }, 400, "invalid_request", "kind"],
    ["an amount of text", { ...good, amount: "100" }, 400, "invalid_request", "amount"],
    ["a fraction", { ...good, amount: 1.5 }, 400, "invalid_request", "amount"],
    ["nothing", { ...good, amount: 0 }, 400, "invalid_request", "amount"],
    ["less than nothing", { ...good, amount: -1 }, 400, "invalid_request", "amount"],
    ["too much", { ...good, amount: 2 ** 53 }, 400, "invalid_request", "amount"],
    ["a currency in small letters", { ...good, currency: "thb" }, 400, "invalid_request", "currency"],
    ["no token", { ...good, token: undefined }, 400, "invalid_request", "token"],
    ["a refund of nothing", { ...good, kind: "refund", token: undefined }, 400, "invalid_request", "parentReference"],
    ["a field that does not exist", { ...good, cvc: "123" }, 400, "invalid_request"],
    ["no key", { ...good, key: undefined }, 400, "invalid_key", "key"],
    ["a key with a space", { ...good, key: "a b" }, 400, "invalid_request", "key"],
    ["a key that is too long", { ...good, key: "k".repeat(256) }, 400, "invalid_request", "key"],
  ])("is told of %s", async ([, body, status, code, param]) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);

    const answer = await ask(`${simulator.url}/v1/operations`, { method: "POST", body: text });

    expect(answer).toMatchObject({ status, body: { error: { code, message: expect.stringMatching(/\w/), ...(param && { param }) } } });
    expect(await simulator.effects()).toEqual([]);
  });

  test("is told of two keys that differ", async () => {
    const answer = await simulator.operate({ ...good }, { headers: { "idempotency-key": "other" } });

    expect(answer).toMatchObject({ status: 400, body: { error: { code: "invalid_key" } } });
  });

  test.for<[string, string, number, string]>([
    ["GET", "/", 404, "no_such_path"],
    ["GET", "/v1/nothing", 404, "no_such_path"],
    ["GET", "/v1/operations/a/b", 404, "no_such_path"],
    ["GET", "/v1/operations/%", 400, "invalid_key"],
    ["GET", "/v1/operations", 405, "method_not_allowed"],
    ["DELETE", "/v1/effects", 405, "method_not_allowed"],
    ["GET", "/v1/effects?limit=0", 400, "invalid_request"],
    ["GET", "/v1/effects?limit=many", 400, "invalid_request"],
    ["GET", "/v1/effects?page=2", 400, "invalid_request"],
    ["GET", "/v1/constructor", 404, "no_such_path"],
  ])("is told of %s %s", async ([method, path, status, code]) => {
    expect(await ask(`${simulator.url}${path}`, { method })).toMatchObject({ status, body: { error: { code } } });
  });

  test.for<[string, object, string?]>([
    ["a rate over 1", { errorRate: 1.1 }, "errorRate"],
    ["rates that sum to more than 1", { errorRate: 0.6, unknownRate: 0.6 }, "errorRate"],
    ["a tail below the median", { latencyMs: 100, latencyP99Ms: 50 }, "latencyP99Ms"],
    ["a name that is spelled wrong", { errorrate: 0.1 }],
  ])("is told of a behaviour with %s, and the old one stays", async ([, behaviour, param]) => {
    const before = await ask(`${simulator.url}/v1/behaviour`);

    const answer = await simulator.behave(behaviour);

    expect(answer).toMatchObject({ status: 400, body: { error: { code: "invalid_request", ...(param && { param }) } } });
    expect((await ask(`${simulator.url}/v1/behaviour`))?.body).toEqual(before?.body);
  });
});
