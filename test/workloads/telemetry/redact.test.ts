import fc from "fast-check";
import { expect, test } from "vitest";
import { passesLuhn, redactFields, redactText } from "../../../workloads/telemetry/redact.ts";

test("a line of the log loses card numbers, keys and passwords, and is still JSON", () => {
  const line = JSON.stringify({
    msg: "paid by 4242 4242-4242 4242",
    number: 4242424242424242,
    list: [4242424242424242],
    url: "postgres://shop:hunter2@db/x",
  });

  const redacted = redactText(`${line.slice(0, -1)},"key":"sk_live_abc123"}`);

  expect(JSON.parse(redacted)).toEqual({
    msg: "paid by [card number]",
    number: 0,
    list: [0],
    url: "postgres://shop:…@db/x",
    key: "sk_live_…",
  });
});

test("ids, times and amounts are left as they are", () => {
  const line = `{"ts":"2026-11-24T17:08:18.892Z","request_id":"req_01a20e9f91b2700090c91750b72578ad","amount":1000000000000}`;

  expect(redactText(line)).toBe(line);
});

test("every number with a right check digit is masked, wherever it stands", () => {
  const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 18 }).map((some) => some.join(""));
  const card = digits.map((some) => some + [..."0123456789"].find((check) => passesLuhn(some + check)));

  fc.assert(fc.property(card, (number) => !redactText(`{"msg":"card ${number} refused"}`).includes(number)));
});

test("fields that are named like a secret lose their value, however deep they stand", () => {
  const request = {
    headers: { Authorization: "Bearer x", cookie: "y" },
    method: { token: "tok" },
    metadata: { a: "b" },
    list: [{ clientSecret: "z" }],
    amount: 350,
  };

  expect(redactFields(request)).toEqual({
    headers: { Authorization: "[redacted]", cookie: "[redacted]" },
    method: { token: "[redacted]" },
    metadata: "[redacted]",
    list: [{ clientSecret: "[redacted]" }],
    amount: 350,
  });
});

test("of an error remain its type, message, stack, code and cause, and nothing that hangs on it", () => {
  const cause = Object.assign(new Error("refused"), { code: "ECONNREFUSED", detail: "Key (key)=(order-17)" });

  const fields = redactFields(new TypeError("not sent", { cause })) as Record<string, unknown>;

  expect(fields).toMatchObject({
    type: "TypeError",
    message: "not sent",
    cause: { type: "Error", message: "refused", code: "ECONNREFUSED" },
  });
  expect(JSON.stringify(fields)).not.toContain("order-17");
});

test("what has no end is cut", () => {
  const loop: { self?: unknown } = {};
  loop.self = loop;

  expect(JSON.stringify(redactFields(loop))).toContain("deeper than is logged");
});
