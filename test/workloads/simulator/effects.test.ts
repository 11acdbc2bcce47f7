import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SimulatorProcess, start, startSimulatorProcess } from "./simulator-process.ts";

let simulator: SimulatorProcess;
beforeAll(async () => {
  simulator = await startSimulatorProcess();
});
afterAll(() => simulator[Symbol.asyncDispose]());

describe("a key", () => {
  test("makes 50 calls at once one effect, and all hear the same", async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => simulator.operate({ key: "together", token: "tok_visa" })));

    expect(new Set(answers.map((answer) => JSON.stringify(answer?.body))).size).toBe(1);
    expect(answers[0]?.body).toMatchObject({ status: "succeeded", reference: "sim_together", fee: 578 });
    expect(await simulator.countOf("together")).toBe(1);
  });

  test("of its own for each retry shows as one effect more for each", async () => {
    for (const key of ["careless-1", "careless-2", "careless-3"]) await simulator.operate({ key, token: "tok_visa" });

    const effects = (await simulator.effects()).filter((effect) => effect.key.startsWith("careless"));
    expect(effects.map((effect) => effect.count)).toEqual([1, 1, 1]);
  });

  test("may come as a header", async () => {
    await simulator.operate({ token: "tok_visa" }, { headers: { "idempotency-key": "in-a-header" } });

    expect(await simulator.countOf("in-a-header")).toBe(1);
  });

  test.for([
    { amount: 1 },
    { currency: "USD" },
    { kind: "authorize" },
    { token: "tok_mastercard" },
    { kind: "refund", token: undefined, parentReference: "sim_reused" },
  ])("used again with %j is refused without effect", async (other) => {
    await simulator.operate({ key: "reused", token: "tok_visa" });

    const answer = await simulator.operate({ key: "reused", token: "tok_visa", ...other });

    expect(answer).toMatchObject({ status: 409, body: { error: { code: "key_reused" } } });
    expect(await simulator.countOf("reused")).toBe(1);
  });
});

describe("money that was charged or held", () => {
  const follow = (kind: string, key: string, amount: number, parent: string) =>
    simulator.operate({ kind, key, amount, parentReference: `sim_${parent}` });

  test("is captured up to what was authorized, and refunded up to what was captured", async () => {
    await simulator.operate({ kind: "authorize", key: "hold", amount: 1_000, token: "tok_visa" });

    expect((await follow("refund", "hold-early", 1, "hold"))?.body.code).toBe("amount_exceeds_captured");
    expect((await follow("capture", "hold-much", 1_001, "hold"))?.body.code).toBe("amount_exceeds_authorized");
    expect((await follow("capture", "hold-600", 600, "hold"))?.body).toMatchObject({ status: "succeeded", fee: 10 }); // 9.9
    expect((await follow("capture", "hold-400", 400, "hold"))?.body.code).toBe("not_capturable"); // the rest was let go
    expect((await follow("refund", "back-500", 500, "hold"))?.body.status).toBe("succeeded");
    expect((await follow("refund", "back-101", 101, "hold-600"))?.body.code).toBe("amount_exceeds_captured"); // by the capture's name
    expect((await follow("refund", "back-100", 100, "hold-600"))?.body.status).toBe("succeeded");
    expect((await follow("void", "hold-void", 1_000, "hold"))?.body.code).toBe("not_voidable");
  });

  test.for(["void", "expire"])("is let go by %s, once, and not captured after", async (kind) => {
    await simulator.operate({ kind: "authorize", key: `${kind}-hold`, amount: 1_000, token: "tok_visa" });

    expect((await follow(kind, `${kind}-1`, 1_000, `${kind}-hold`))?.body.status).toBe("succeeded");
    expect((await follow(kind, `${kind}-2`, 1_000, `${kind}-hold`))?.body.code).toBe("not_voidable");
    expect((await follow("capture", `${kind}-3`, 1_000, `${kind}-hold`))?.body.code).toBe("not_capturable");
  });

  test("is not found under a reference that nobody was given", async () => {
    const answer = await follow("refund", "of-nothing", 1, "never-was");

    expect(answer).toMatchObject({ status: 400, body: { error: { code: "unknown_parent", param: "parentReference" } } });
    expect(await simulator.countOf("of-nothing")).toBe(0);
  });
});

describe("the record", () => {
  test("is whole after SIGKILL in the middle of many calls: all that was answered, and each once", async () => {
    await using own = await startSimulatorProcess();
    await own.behave({ feeBasisPoints: 200 });
    const answered = new Set<string>();
    const calls = Array.from({ length: 400 }, async (_, i) => {
      const answer = await own.operate({ key: `k${i}`, token: "tok_visa" });
      if (answer?.status === 200) answered.add(`k${i}`);
      if (answered.size === 100) await own.kill();
    });
    await Promise.all(calls);

    await own.startAgain();

    const kept = new Map((await own.effects()).map((effect) => [effect.key, effect.count]));
    expect(answered.size).toBeGreaterThanOrEqual(100);
    expect([...answered].filter((key) => kept.get(key) !== 1)).toEqual([]);
    await Promise.all(Array.from({ length: 400 }, (_, i) => own.operate({ key: `k${i}`, token: "tok_visa" })));
    const effects = await own.effects();
    expect([effects.length, effects.filter((effect) => effect.count !== 1)]).toEqual([400, []]);
    expect((await own.operate({ key: "fee", amount: 10_000, token: "tok_visa" }))?.body.fee).toBe(200); // behaviour is kept too
  });

  test("serves one simulator at a time, and says so to a second", async () => {
    await expect(start(simulator.data, 0)).rejects.toThrow(/another simulator uses this folder/);
  });
});
