import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { digestOf, RecentKeys } from "../../../workloads/api/recent-keys.ts";

const tenant = { merchantId: "018f0000-0000-7000-8000-000000000001", mode: "test", bucket: 1 } as const;
const body = Buffer.from(`{"amount":350,"currency":"THB"}`);

test("a thousand repeats are all known, of twenty thousand nobody is taken for another, and the memory stays the same", () => {
  const recent = new RecentKeys();
  const served = Array.from({ length: 20_000 }, (_, n) => ({ digest: digestOf(tenant, `order-${n}`, body), requestHash: randomBytes(32) }));
  for (const { digest, requestHash } of served) recent.remember(digest, requestHash);

  const known = served.map(({ digest }) => recent.of(digest));

  expect(known.slice(-1_000).filter((one) => one === undefined).length).toBeLessThan(10);
  expect(known.every((one, n) => one === undefined || one.equals(served[n]!.requestHash))).toBe(true);
  expect(known.filter((one) => one !== undefined).length).toBeLessThanOrEqual(8_192);
});

test("the same key with other bytes, of another merchant or in the other mode is another request", () => {
  const recent = new RecentKeys();
  recent.remember(digestOf(tenant, "order-1", body), randomBytes(32));

  const others = [
    digestOf(tenant, "order-1", Buffer.concat([body, Buffer.from(" ")])),
    digestOf({ ...tenant, merchantId: "018f0000-0000-7000-8000-000000000002" }, "order-1", body),
    digestOf({ ...tenant, mode: "live" }, "order-1", body),
    digestOf(tenant, "order-1{", body.subarray(1)),
  ];

  expect(others.map((digest) => recent.of(digest))).toEqual(others.map(() => undefined));
});
