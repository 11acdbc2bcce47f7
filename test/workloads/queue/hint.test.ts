import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pace } from "../../../workloads/dispatcher/pace.ts";
import type { OperationRef } from "../../../workloads/payment/operation.ts";
import { inTurn, jobsOf, refsOf, refsPerJob } from "../../../workloads/queue/hint.ts";

const refs = fc.array(fc.record({ bucket: fc.nat(4095), merchantId: fc.uuid(), id: fc.uuid() }), { maxLength: 300 });

describe("a hint", () => {
  test("carries its operations through Redis, in jobs of bounded size", () => {
    fc.assert(
      fc.property(refs, (some) => {
        const jobs = jobsOf(some);

        expect(jobs.flatMap((job) => refsOf(JSON.parse(JSON.stringify(job))))).toEqual(some);
        expect(jobs.every((job) => job.refs.length >= 1 && job.refs.length <= refsPerJob)).toBe(true);
      }),
    );
  });

  test.each([undefined, {}, { refs: [] }, { refs: [[1, "x", "y"]] }, { refs: [[5000, "0", "0"]] }, "text"])(
    "that is not ours is refused: %o",
    (data) => {
      expect(() => refsOf(data)).toThrow();
    },
  );

  test("takes merchants in turn, and keeps the order of each", () => {
    const ref = (merchantId: string, id: string): OperationRef => ({ bucket: 0, merchantId, id });

    const turns = inTurn([ref("a", "1"), ref("a", "2"), ref("a", "3"), ref("b", "1"), ref("c", "1"), ref("c", "2")]);

    expect(turns.map(({ merchantId, id }) => merchantId + id)).toEqual(["a1", "b1", "c1", "a2", "c2", "a3"]);
  });
});

describe("the pace", () => {
  test("keeps about two seconds of work in Redis, however fast workers are", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), (jobsPerSecond) => {
        let now = 0;
        let waiting = 0;
        const steady = pace(() => now);
        for (let i = 0; i < 200; i++) {
          now += 250;
          waiting = Math.max(0, waiting - jobsPerSecond / 4);
          const offered = steady.room(Math.ceil(waiting));
          steady.offered(offered);
          waiting += Math.ceil(offered / refsPerJob);
        }

        expect(waiting).toBeLessThanOrEqual(Math.max(4, 2 * jobsPerSecond) * 2 + 4);
        expect(waiting).toBeGreaterThan(0);
      }),
    );
  });

  test("offers nothing while more waits than workers take", () => {
    const stuck = pace(() => 1_000);

    expect(stuck.room(1_000)).toBe(0);
  });
});
