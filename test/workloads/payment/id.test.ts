import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bucketOf, buckets, newUuid, parsePublicId, publicId } from "../../../workloads/payment/id.ts";

const uuids = fc.uuid();
const anyBucket = fc.nat(buckets - 1);

describe("a public id", () => {
  test("reads back as the bucket and the UUID that it was made from", () => {
    fc.assert(
      fc.property(anyBucket, uuids, (bucket, uuid) => {
        expect(parsePublicId("payment", publicId("payment", bucket, uuid))).toEqual({ bucket, uuid });
      }),
    );
  });

  test("sorts as the time it was made", () => {
    const ids = Array.from({ length: 10_000 }, () => publicId("payment", 7, newUuid()));

    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("of another kind, of another length, or of other letters is no id", () => {
    const id = publicId("payment", 7, newUuid());
    const others = [
      "",
      "pay_",
      `${id}0`,
      id.slice(0, -1),
      id.replace("pay", "re"),
      id.toUpperCase(),
      id.replace(/.$/, "u"),
      `pay_zzz${"z".repeat(26)}`,
    ];

    expect(others.map((other) => parsePublicId("payment", other))).toEqual(others.map(() => undefined));
  });

  test("never throws, whatever is given for one", () => {
    fc.assert(fc.property(fc.string(), (text) => parsePublicId("payment", `pay_${text}`) === undefined || text.length === 29));
  });
});

describe("a UUID", () => {
  test("is of version 7 with the milliseconds in front", () => {
    const now = Date.UTC(2030, 0, 1);
    const uuid = newUuid(now);

    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(uuid.replaceAll("-", "").slice(0, 12), 16)).toBe(now);
  });

  test("does not go back when the clock does", () => {
    const later = newUuid(Date.UTC(2031, 0, 1));

    expect(newUuid(Date.UTC(2030, 0, 1)) > later).toBe(true);
  });
});

describe("a bucket", () => {
  test("is one of 4096, and merchants are spread evenly over them", () => {
    const counts = new Map<number, number>();
    for (let i = 0; i < 40_960; i++) {
      const bucket = bucketOf(crypto.randomUUID());
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    }

    expect([...counts.keys()].every((bucket) => bucket >= 0 && bucket < buckets)).toBe(true);
    expect(counts.size).toBeGreaterThan(4_000);
    expect(Math.max(...counts.values())).toBeLessThan(40);
  });
});
