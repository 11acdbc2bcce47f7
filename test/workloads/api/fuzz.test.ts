import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { problems } from "../../../workloads/api/problem.ts";
import { type Served, serve } from "./served.ts";
import { type Answer, coffee, type Shop } from "./shop.ts";

let served: Served;
let shop: Shop;
beforeAll(async () => {
  served = await serve({ worker: false });
  shop = await served.shop();
});
afterAll(() => served[Symbol.asyncDispose]());

function expectRefused(answer: Answer): void {
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(Object.keys(problems)).toContain(answer.body.code);
}

const strange = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.string({ unit: "binary" }),
  fc.double(),
  fc.constantFrom(-0, 2 ** 53, 1e21, "", "\0", "\ud800", [], {}, null, true),
);
const field = fc.constantFrom(
  "amount",
  "currency",
  "method",
  "capture",
  "reference",
  "metadata",
  "token",
  "__proto__",
  "constructor",
  "toString",
);

test("whatever stands in a field, it is accepted as it is or refused as a problem, never a fault of ours", async () => {
  let accepted = 0;
  let n = 0;
  await fc.assert(
    fc.asyncProperty(field, strange, async (name, value) => {
      const body = JSON.stringify(
        Object.fromEntries([...Object.entries(coffee), [name, value]].filter(([, field]) => field !== undefined)),
      );

      const answer = await shop.pay(body, { key: `field-${n++}` });

      if (answer.status === 202) accepted += 1;
      else expectRefused(answer);
    }),
    { numRuns: 400 },
  );
  expect(await shop.count("payments")).toBe(accepted);
});

test("whatever bytes are sent as a body, only what is accepted is stored", async () => {
  const before = await shop.count("payments");
  const json = Buffer.from(JSON.stringify(coffee));
  const cutOrBent = fc
    .tuple(fc.nat(json.length - 1), fc.integer({ min: 0, max: 255 }), fc.boolean())
    .filter(([at, byte, cut]) => cut || json[at] !== byte)
    .map(([at, byte, cut]) =>
      cut ? json.subarray(0, at) : Buffer.concat([json.subarray(0, at), Buffer.from([byte]), json.subarray(at + 1)]),
    );
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => Buffer.from(text)),
    cutOrBent,
  );
  let accepted = 0;
  let n = 0;

  await fc.assert(
    fc.asyncProperty(bodies, async (body) => {
      const answer = await shop.pay(body, { key: `bytes-${n++}` });

      // A bent byte may leave another payment that is fine, such as one of 95000.
      if (answer.status === 202) accepted += 1;
      else expectRefused(answer);
    }),
    { numRuns: 400 },
  );
  expect(await shop.count("payments")).toBe(before + accepted);
});

test("whatever stands in a header that is read, it is refused or served, never a fault of ours", async () => {
  const value = fc.string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((code) => code !== 0x7f)
      .map((code) => String.fromCharCode(code)),
    maxLength: 300,
  });
  const header = fc.constantFrom("idempotency-key", "prefer", "authorization", "content-type", "if-none-match", "reference");

  await fc.assert(
    fc.asyncProperty(header, value, async (name, text) => {
      const answer = await shop.pay({ ...coffee, amount: 1 }, { key: "headers", headers: { [name]: text } });

      if (answer.status !== 202) expectRefused(answer);
    }),
    { numRuns: 300 },
  );
});

test("whatever is asked for, there is an answer", async () => {
  const path = fc.oneof(
    fc.webPath(),
    fc.string({ maxLength: 60 }).map((text) => `/v1/payments/${encodeURIComponent(text)}`),
  );

  await fc.assert(
    fc.asyncProperty(path, async (asked) => expectRefused(await shop.ask(asked === "" ? "/" : asked))),
    { numRuns: 300 },
  );
});
