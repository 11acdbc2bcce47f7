import { describe, expect, test } from "vitest";
import type { ClaimedOperation } from "../../../workloads/payment/operation.ts";
import { type Circumstances, type Consequence, consequenceOf, type Heard } from "../../../workloads/provider/outcome.ts";
import { aClaim, madeAt } from "./a-claim.ts";

const schedule = [2, 10, 60];
const at = (ageSeconds: number, drawn = 0.5): Circumstances => ({ schedule, now: () => madeAt + ageSeconds * 1000, random: () => drawn });
const hour = 3_600;
const week = 7 * 86_400;

const succeeded: Heard = { kind: "succeeded", providerReference: "sim_1", fee: 578 };
const declined: Heard = { kind: "declined", code: "card_declined", providerReference: null };
const unknown: Heard = { kind: "unknown", reason: "no answer in 10 s" };
const pending: Heard = { kind: "pending" };
const neverSeen: Heard = { kind: "never_seen" };
const notSent: Heard = { kind: "not_sent", reason: "connect ECONNREFUSED" };
const throttled: Heard = { kind: "throttled", retryAfterMs: 4_000 };
const ours: Heard = { kind: "ours", reason: "HTTP 401" };
const outOfBudget: Heard = { kind: "out_of_budget" };
const noWayLeft: Heard = { kind: "no_way_left", reason: "the key is forgotten" };

const fresh = aClaim();
const retried = aClaim({ attempt: 4 });
const resolving = aClaim({ attempt: 2, resolving: true, unknowns: 1 });
const lastQuestion = aClaim({ attempt: 9, resolving: true, unknowns: 3 });
const worn = aClaim({ attempt: 10 });
const wornResolving = aClaim({ attempt: 10, resolving: true, unknowns: 1 });

/** `state unknowns seconds` of a postponement, or the state of a settlement. */
type Row = [name: string, claimed: ClaimedOperation, heard: Heard, ageSeconds: number, consequence: string];
const table: Row[] = [
  ["a success settles", fresh, succeeded, 0, "succeeded"],
  ["a success settles, however late", wornResolving, succeeded, 2 * week, "succeeded"],
  ["a decline settles", fresh, declined, 0, "declined"],
  ["a decline settles what was unknown, for it is the provider's own word", resolving, declined, hour, "declined"],
  ["no answer to a first call is asked about by the first date of the schedule", fresh, unknown, 0, "unknown 1 2.2"],
  ["no answer to a retry, too", retried, unknown, hour, "unknown 1 2.2"],
  ["no answer again goes to the next date", resolving, unknown, hour, "unknown 2 11"],
  ["no answer after the last date goes to a human", lastQuestion, unknown, hour, "needs_review"],
  ["a provider that does not know yet is asked again", resolving, pending, hour, "unknown 2 11"],
  ["a provider that never knows is a human's", lastQuestion, pending, hour, "needs_review"],
  ["what was never seen and may not go again is asked about again", resolving, neverSeen, hour, "unknown 2 11"],
  ["what was never seen, to the last, is a human's and not a failure", lastQuestion, neverSeen, hour, "needs_review"],
  ["what was not sent goes again soon", fresh, notSent, 0, "queued 0 0.5"],
  ["what was not sent a fourth time goes again later", retried, notSent, 0, "queued 0 4"],
  ["what was not sent a tenth time goes again within a minute", worn, notSent, hour, "queued 0 30"],
  ["what could not be asked stays unknown and uses up no date", resolving, notSent, hour, "unknown 1 1"],
  ["what could not be asked at the last date is not yet a human's", lastQuestion, notSent, hour, "unknown 3 30"],
  ["what could not be sent for a week is a human's", worn, notSent, week + 1, "needs_review"],
  ["what could not be asked for a week is a human's", wornResolving, notSent, week + 1, "needs_review"],
  ["a throttled call comes back after the time that it was told", fresh, throttled, 0, "queued 0 4.5"],
  ["a throttled question stays unknown", resolving, throttled, 0, "unknown 1 5"],
  ["a foolish time to come back is cut to an hour", fresh, { ...throttled, retryAfterMs: 1e12 }, 0, "queued 0 3600.5"],
  ["our own fault is tried again", fresh, ours, 0, "queued 0 2.5"],
  ["our own fault is tried again for an hour, however often", worn, ours, hour - 1, "queued 0 150"],
  ["our own fault is tried ten times, however late", retried, ours, hour + 1, "queued 0 20"],
  ["our own fault ten times in more than an hour is a human's", worn, ours, hour + 1, "needs_review"],
  ["our own fault leaves unknown what was", resolving, ours, hour + 1, "unknown 1 5"],
  ["our own fault with what is unknown ends with a human, too", wornResolving, ours, hour + 1, "needs_review"],
  ["a retry beyond the budget waits", retried, outOfBudget, 0, "queued 0 20"],
  ["a question beyond the budget stays unknown", resolving, outOfBudget, 0, "unknown 1 5"],
  ["what nobody can tell is a human's", resolving, noWayLeft, hour, "needs_review"],
];

describe("what a provider did", () => {
  test.for(table)("%s", ([, claimed, heard, ageSeconds, consequence]) => {
    expect(shown(consequenceOf(claimed, heard, at(ageSeconds)))).toBe(consequence);
  });

  test("is looked for in each kind of claim", () => {
    const kinds: Record<Heard["kind"], true> = {
      ...{ succeeded: true, declined: true, unknown: true, pending: true, never_seen: true },
      ...{ not_sent: true, throttled: true, ours: true, out_of_budget: true, no_way_left: true },
    };

    expect(new Set(table.map(([, , heard]) => heard.kind))).toEqual(new Set(Object.keys(kinds)));
  });

  test("never brings a date forward, and puts it off by a fifth at most", () => {
    expect(shown(consequenceOf(fresh, unknown, at(0, 0)))).toBe("unknown 1 2");
    expect(shown(consequenceOf(fresh, unknown, at(0, 0.999999)))).toBe("unknown 1 2.4");
  });

  test("says why, for people", () => {
    expect(consequenceOf(fresh, unknown, at(0))).toMatchObject({ postponement: { reason: "no answer in 10 s" } });
  });
});

function shown(consequence: Consequence): string {
  if (consequence.kind === "settle") return consequence.settlement.state;
  const { state, unknowns, delaySeconds } = consequence.postponement;
  return `${state} ${unknowns} ${Number(delaySeconds.toFixed(2))}`;
}
