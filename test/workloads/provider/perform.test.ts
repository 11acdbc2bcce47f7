import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ClaimedOperation } from "../../../workloads/payment/operation.ts";
import { guarded } from "../../../workloads/provider/guarded.ts";
import type { Consequence } from "../../../workloads/provider/outcome.ts";
import { type PerformDeps, perform } from "../../../workloads/provider/perform.ts";
import type { Capabilities, Found, NoAnswer, Provider, Reply } from "../../../workloads/provider/provider.ts";
import { retryBudget } from "../../../workloads/provider/retry-budget.ts";
import { simulatorAdapter } from "../../../workloads/provider/simulator.ts";
import { type SimulatorProcess, startSimulatorProcess } from "../simulator/simulator-process.ts";
import { aClaim, claimedAfterDeath, claimedAgain, madeAt } from "./a-claim.ts";

const schedule = [2, 10, 60, 300];
const deps = (but: Partial<PerformDeps> = {}): PerformDeps => ({
  ...{ schedule, now: () => madeAt, random: () => 0.5, retryBudget: retryBudget() },
  ...but,
});

let simulator: SimulatorProcess;
let provider: Provider;
beforeAll(async () => {
  simulator = await startSimulatorProcess();
  const adapter = simulatorAdapter({ name: "simulator", url: simulator.url, connections: 50 });
  provider = guarded(adapter, { slots: 50, timeoutSeconds: 1, breaker: { seconds: 5, calls: 1_000, pauseMs: 1_000 } });
});
afterEach(() => simulator.behave({}));
afterAll(async () => {
  await provider.close();
  await simulator[Symbol.asyncDispose]();
});

describe("an operation, with the simulator", () => {
  /** Performs it, again and again, until it is settled; how it ended, and over which states. */
  async function performToTheEnd(first: ClaimedOperation): Promise<string[]> {
    const path: string[] = [];
    for (let claimed = first; path.length < 20; ) {
      const consequence = await perform(claimed, provider, deps());
      if (consequence.kind === "settle") return [...path, consequence.settlement.state];
      path.push(consequence.postponement.state);
      claimed = claimedAgain(claimed, consequence.postponement);
    }
    return path;
  }

  test.for<[string, string[], number]>([
    ["tok_visa", ["succeeded"], 1],
    ["tok_declined", ["declined"], 0],
    ["tok_timeout", ["unknown", "succeeded"], 1],
    ["tok_unknown_then_ok", ["unknown", "succeeded"], 1],
    ["tok_error_once", ["unknown", "succeeded"], 1],
    ["tok_error_500", ["unknown", "unknown", "unknown", "unknown", "needs_review"], 0],
    ["tok_never_known", ["unknown", "unknown", "unknown", "unknown", "needs_review"], 0],
    ["tok_rate_limited", ["queued", "succeeded"], 1],
  ])("with %s goes by way of %j", async ([token, path, effects]) => {
    const claimed = aClaim({ token });

    expect(await performToTheEnd(claimed)).toEqual(path);
    expect(await simulator.countOf(claimed.id)).toBe(effects);
  });

  test("whose worker died after the call is looked up, and not charged again", async () => {
    const claimed = aClaim();
    await perform(claimed, provider, deps());

    expect(await performToTheEnd(claimedAfterDeath(claimed))).toEqual(["succeeded"]);
    expect(await simulator.countOf(claimed.id)).toBe(1);
  });

  test("whose worker died before the call is sent", async () => {
    const claimed = claimedAfterDeath(aClaim());

    expect(await performToTheEnd(claimed)).toEqual(["succeeded"]);
    expect(await simulator.countOf(claimed.id)).toBe(1);
  });

  test("under faults of every kind and dying workers ends as the effects say, hundreds of times", async () => {
    await simulator.behave({ errorRate: 0.2, unknownRate: 0.2, declineRate: 0.2 });
    const claims = Array.from({ length: 300 }, () => aClaim());

    const ends = await Promise.all(
      claims.map(async (claimed, i) => {
        if (i % 3 === 0) await perform(claimed, provider, deps()); // and nobody recorded what came of it
        const path = await performToTheEnd(i % 3 === 0 ? claimedAfterDeath(claimed) : claimed);
        return { end: path.at(-1), count: await simulator.countOf(claimed.id) };
      }),
    );

    expect(ends.filter(({ end, count }) => count !== (end === "succeeded" ? 1 : 0))).toEqual([]);
    expect(new Set(ends.map(({ end }) => end))).toContain("declined");
  });

  test("is not tried again beyond the budget, and stays what it was", async () => {
    const empty = deps({ retryBudget: retryBudget({ most: 0, perSecond: 0 }) });
    const [first, queued, unknown] = [aClaim(), aClaim({ attempt: 2 }), aClaim({ attempt: 2, resolving: true, unknowns: 1 })];

    expect(await perform(first, provider, empty)).toMatchObject({ settlement: { state: "succeeded" } });
    expect(await perform(queued, provider, empty)).toMatchObject({ postponement: { state: "queued", unknowns: 0 } });
    expect(await perform(unknown, provider, empty)).toMatchObject({ postponement: { state: "unknown", unknowns: 1 } });
    expect([await simulator.countOf(queued.id), await simulator.countOf(unknown.id)]).toEqual([0, 0]);
  });
});

describe("an operation, with a provider that may say anything", () => {
  const noAnswer = fc.oneof<fc.Arbitrary<NoAnswer>[]>(
    fc.constant({ kind: "not_sent", reason: "refused" }),
    fc.record({ kind: fc.constant("throttled" as const), retryAfterMs: fc.integer({ min: -1, max: 1e12 }) }),
    fc.constant({ kind: "unknown", reason: "no answer" }),
    fc.constant({ kind: "ours", reason: "HTTP 401" }),
  );
  const answer = fc.oneof<fc.Arbitrary<Reply>[]>(
    fc.constant({ kind: "succeeded", providerReference: "ref", fee: 1 }),
    fc.constant({ kind: "declined", code: "card_declined", providerReference: null }),
  );
  const reply: fc.Arbitrary<Reply> = fc.oneof({ weight: 5, arbitrary: noAnswer }, { weight: 1, arbitrary: answer });
  const found: fc.Arbitrary<Found> = fc.oneof(
    { weight: 4, arbitrary: reply },
    { weight: 2, arbitrary: fc.constantFrom<Found>({ kind: "never_seen" }, { kind: "pending" }) },
  );
  const capabilities: fc.Arbitrary<Capabilities> = fc.record({
    idempotencyWindowSeconds: fc.constantFrom(0, 3_600, 86_400, Number.POSITIVE_INFINITY),
    storesErrors: fc.boolean(),
    canFind: fc.boolean(),
    findDelaySeconds: fc.constantFrom(0, 60, 7_200),
    manualCapture: fc.constant(true),
    partialRefund: fc.constant(true),
  });
  const step = fc.record({ reply, found, diesAfter: fc.boolean(), drawn: fc.double({ min: 0, max: 0.999, noNaN: true }) });
  type Step = { reply: Reply; found: Found; diesAfter: boolean; drawn: number };
  type Heard = { kind: string; at: number; asked: "send" | "find" };

  /** Plays the steps out. What was sent and heard, and what was decided of it, in order. */
  async function play(can: Capabilities, steps: Step[]) {
    const keys = new Set<string>();
    const story: { heard: Heard[]; consequence: Consequence; claimed: ClaimedOperation; now: number }[] = [];
    let claimed = aClaim();
    let now = madeAt;
    for (const { reply, found, diesAfter, drawn } of steps) {
      const heard: Heard[] = [];
      const say = <T extends { kind: string }>(asked: Heard["asked"], key: string, told: T): Promise<T> => {
        keys.add(key);
        heard.push({ kind: told.kind, at: now, asked });
        return Promise.resolve(told);
      };
      const anyProvider: Provider = {
        ...{ name: "any", capabilities: can, close: async () => {} },
        send: (call) => say("send", call.key, reply),
        find: (call) => say("find", call.key, found),
      };
      const consequence = await perform(claimed, anyProvider, deps({ now: () => now, random: () => drawn }));
      story.push({ heard, consequence, claimed, now });
      if (diesAfter) {
        claimed = claimedAfterDeath(claimed);
        now += 31_000;
      } else if (consequence.kind === "settle") break;
      else {
        claimed = claimedAgain(claimed, consequence.postponement);
        now += consequence.postponement.delaySeconds * 1000;
      }
    }
    return { keys, story };
  }
  const stories = (holds: (played: Awaited<ReturnType<typeof play>>, can: Capabilities) => void) =>
    fc.assert(
      fc.asyncProperty(capabilities, fc.array(step, { minLength: 1, maxLength: 30 }), async (can, steps) =>
        holds(await play(can, steps), can),
      ),
      { numRuns: 1_000 },
    );

  test("is only ever asked for under one key", async () => {
    await stories(({ keys }) => {
      expect(keys.size).toBeLessThanOrEqual(1);
    });
  });

  test("is settled only by the provider's own word, and what is unknown is never declined", async () => {
    await stories(({ story }) => {
      for (const { heard, consequence } of story) {
        if (consequence.kind !== "settle" || consequence.settlement.state === "needs_review") continue;
        expect(heard.at(-1)?.kind).toBe(consequence.settlement.state);
      }
    });
  });

  test("never goes back to queued once it may have reached the provider", async () => {
    await stories(({ story }) => {
      for (const { claimed, consequence } of story) {
        if (claimed.resolving && consequence.kind === "postpone") expect(consequence.postponement.state).toBe("unknown");
      }
    });
  });

  test("is sent again, once it may have been sent, only where a look-up does not know it and its key does", async () => {
    await stories(({ story }, can) => {
      for (const { claimed, heard, now } of story) {
        if (!claimed.resolving || !heard.some(({ asked }) => asked === "send")) continue;
        expect(heard[0]).toMatchObject(can.canFind ? { asked: "find", kind: "never_seen" } : { asked: "send" });
        expect((now - madeAt) / 1000).toBeLessThan(can.idempotencyWindowSeconds);
      }
    });
  });

  test("uses up a date of the schedule only by a question that stayed open", async () => {
    await stories(({ story }) => {
      for (const { claimed, heard, consequence } of story) {
        if (consequence.kind !== "postpone") continue;
        const open = ["unknown", "pending", "never_seen"].includes(heard.at(-1)?.kind ?? "");
        expect(consequence.postponement.unknowns).toBe(claimed.unknowns + (open ? 1 : 0));
      }
    });
  });

  test("waits a time that is neither negative nor longer than a schedule's date or an hour and a minute", async () => {
    await stories(({ story }) => {
      for (const { consequence } of story) {
        if (consequence.kind !== "postpone") continue;
        expect(consequence.postponement.delaySeconds).toBeGreaterThanOrEqual(0);
        expect(consequence.postponement.delaySeconds).toBeLessThanOrEqual(3_660);
      }
    });
  });
});
