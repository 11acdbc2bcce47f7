import { describe, expect, test } from "vitest";
import { webhookScheduleSeconds } from "../../../workloads/contract.ts";
import type { ClaimedDelivery } from "../../../workloads/store/webhooks.ts";
import type { Heard } from "../../../workloads/webhook/post.ts";
import { longestWaitSeconds, toldOf } from "../../../workloads/webhook/told-of.ts";

const schedule = [5, 30, 120];
const toldAfter = (tries: number, heard: Heard, random = 0) =>
  toldOf({ tries } as ClaimedDelivery, heard, 12.4, { schedule, random: () => random });
const answer = (statusCode: number, retryAfterSeconds?: number): Heard => ({ kind: "answer", statusCode, answer: "", retryAfterSeconds });

describe("what is heard of a try", () => {
  test.each([200, 201, 202, 204, 299])("%i: it is delivered", (status) => {
    expect(toldAfter(0, answer(status))).toMatchObject({ state: "succeeded", endpoint: { is: "well" }, attempt: { durationMs: 12 } });
  });

  test.each([300, 301, 302, 307, 308, 400, 401, 404, 409, 429, 500, 502, 503])(
    "%i: it is tried again, and the endpoint fails",
    (status) => {
      expect(toldAfter(0, answer(status))).toMatchObject({ state: "queued", delaySeconds: 5, endpoint: { is: "failing", waitSeconds: 0 } });
    },
  );

  test("410: it is given up at once", () => {
    expect(toldAfter(0, answer(410))).toMatchObject({ state: "declined", endpoint: { is: "gone" } });
  });

  test("nothing: it is tried again on the schedule, a fifth later at most, and given up when that ends", () => {
    const nothing: Heard = { kind: "no answer", reason: "no answer in 10 s" };

    expect([0, 1, 2].map((tries) => toldAfter(tries, nothing).delaySeconds)).toEqual(schedule);
    expect(toldAfter(1, nothing, 0.999).delaySeconds).toBeCloseTo(36, 1);
    expect(toldAfter(3, nothing)).toMatchObject({ state: "declined", reason: "no answer in 10 s", attempt: { statusCode: null } });
  });

  test("Retry-After: it waits that long, never less than the schedule and never more than an hour", () => {
    expect(toldAfter(0, answer(503, 60))).toMatchObject({ delaySeconds: 60, endpoint: { waitSeconds: 60 } });
    expect(toldAfter(1, answer(429, 1))).toMatchObject({ delaySeconds: 30, endpoint: { waitSeconds: 1 } });
    expect(toldAfter(0, answer(503, 10_000_000))).toMatchObject({ delaySeconds: longestWaitSeconds });
  });
});

test("the usual schedule is of 14 tries, which take three days", () => {
  const days = webhookScheduleSeconds.reduce((sum, seconds) => sum + seconds, 0) / 86_400;

  expect(webhookScheduleSeconds).toHaveLength(13);
  expect(days).toBeGreaterThan(2.8);
  expect(1.2 * days).toBeLessThan(3.6);
  expect(1.2 * Math.max(...webhookScheduleSeconds)).toBeLessThan(30 * 3_600); // an endpoint that fails is tried each day: see record-deliveries.ts
});
