import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tokens } from "../../../workloads/simulator/tokens.ts";
import { type SimulatorProcess, startSimulatorProcess } from "./simulator-process.ts";

let simulator: SimulatorProcess;
beforeAll(async () => {
  simulator = await startSimulatorProcess();
});
afterAll(() => simulator[Symbol.asyncDispose]());

/** What the first call, the second call of the same key, and a look-up between them tell; and how often money moved in the end. */
type Story = { first: string; between: string; again: string; count: 0 | 1 };
const declined = (code: string): Story => ({ first: `402 ${code}`, between: `200 ${code}`, again: `402 ${code}`, count: 0 });
const lostAnswer: Story = { first: "nothing", between: "200 succeeded", again: "200 succeeded", count: 1 };

const stories: Record<string, Story> = {
  tok_visa: { first: "200 succeeded", between: "200 succeeded", again: "200 succeeded", count: 1 },
  tok_mastercard: { first: "200 succeeded", between: "200 succeeded", again: "200 succeeded", count: 1 },
  tok_declined: declined("card_declined"),
  tok_insufficient_funds: declined("insufficient_funds"),
  tok_expired_card: declined("expired_card"),
  tok_stolen_card: declined("stolen_card"),
  tok_fraud: declined("fraud"),
  tok_timeout: lostAnswer,
  tok_unknown_then_ok: lostAnswer,
  tok_never_known: { first: "nothing", between: "200 pending", again: "nothing", count: 0 },
  tok_pending: { first: "202 pending", between: "200 pending", again: "202 pending", count: 0 },
  tok_slow: { first: "200 succeeded", between: "200 succeeded", again: "200 succeeded", count: 1 },
  tok_error_500: { first: "500 internal_error", between: "404 never_seen", again: "500 internal_error", count: 0 },
  tok_error_once: { first: "500 internal_error", between: "404 never_seen", again: "200 succeeded", count: 1 },
  tok_rate_limited: { first: "429 rate_limited", between: "404 never_seen", again: "200 succeeded", count: 1 },
  tok_nobody_issued_this: declined("invalid_token"),
};

/** The same of what builds on an authorization and its capture with a token that is good itself. */
const laterStories: Record<string, [kind: "capture" | "void" | "refund", Story]> = {
  tok_capture_declined: ["capture", declined("capture_refused")],
  tok_capture_unknown_then_ok: ["capture", lostAnswer],
  tok_capture_pending: ["capture", { first: "202 pending", between: "200 pending", again: "202 pending", count: 0 }],
  tok_void_declined: ["void", declined("void_refused")],
  tok_refund_declined: ["refund", declined("refund_refused")],
  tok_refund_unknown_then_ok: ["refund", lostAnswer],
  tok_refund_pending: ["refund", { first: "202 pending", between: "200 pending", again: "202 pending", count: 0 }],
};

describe("a token", () => {
  test("has its story here, whichever it is", () => {
    expect(tokens.filter((token) => !(token in stories) && !(token in laterStories))).toEqual([]);
  });

  test.for(Object.entries(stories))("%s does what it is named for, and moves money at most once", async ([token, story]) => {
    const key = `story-of-${token}`;
    const patience = { withinMs: token === "tok_slow" ? 10_000 : 1_000 };

    const first = told(await simulator.operate({ key, token }, patience));
    const between = told(await simulator.lookUp(key));
    const again = told(await simulator.operate({ key, token }, patience));

    expect({ first, between, again, count: await simulator.countOf(key) }).toEqual(story);
  });

  test.for(Object.entries(laterStories))("%s is good, and shows what it is for later", async ([token, [kind, story]]) => {
    const [hold, key] = [`hold-of-${token}`, `story-of-${token}`];
    expect((await simulator.operate({ kind: "authorize", key: hold, token }))?.body.status).toBe("succeeded");
    if (kind === "refund") await simulator.operate({ kind: "capture", key: `taken-${token}`, parentReference: `sim_${hold}` });
    const operation = { kind, key, parentReference: `sim_${hold}`, token: undefined };

    const first = told(await simulator.operate(operation, { withinMs: 1_000 }));
    const between = told(await simulator.lookUp(key));
    const again = told(await simulator.operate(operation, { withinMs: 1_000 }));

    expect({ first, between, again, count: await simulator.countOf(key) }).toEqual(story);
  });

  test("that is rate limited says when to come back", async () => {
    const answer = await simulator.operate({ key: "limited", token: "tok_rate_limited" });

    expect(answer?.headers.get("retry-after")).toBe("1");
  });

  test("that is slow takes three seconds", async () => {
    const began = performance.now();

    await simulator.operate({ key: "slow", token: "tok_slow" });

    expect(performance.now() - began).toBeGreaterThan(2_900);
  });
});

function told(answer: { status: number; body: Record<string, unknown> } | undefined): string {
  if (!answer) return "nothing";
  const error = answer.body.error as { code: string } | undefined;
  return `${answer.status} ${error?.code ?? answer.body.code ?? answer.body.status}`;
}
