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
  tok_slow: { first: "200 succeeded", between: "200 succeeded", again: "200 succeeded", count: 1 },
  tok_error_500: { first: "500 internal_error", between: "404 never_seen", again: "500 internal_error", count: 0 },
  tok_error_once: { first: "500 internal_error", between: "404 never_seen", again: "200 succeeded", count: 1 },
  tok_rate_limited: { first: "429 rate_limited", between: "404 never_seen", again: "200 succeeded", count: 1 },
  tok_nobody_issued_this: declined("invalid_token"),
};

describe("a token", () => {
  test("has its story here, whichever it is", () => {
    expect(tokens.filter((token) => !(token in stories))).toEqual([]);
  });

  test.for(Object.entries(stories))("%s does what it is named for, and moves money at most once", async ([token, story]) => {
    const key = `story-of-${token}`;
    const patience = { withinMs: token === "tok_slow" ? 10_000 : 1_000 };

    const first = told(await simulator.operate({ key, token }, patience));
    const between = told(await simulator.lookUp(key));
    const again = told(await simulator.operate({ key, token }, patience));

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
