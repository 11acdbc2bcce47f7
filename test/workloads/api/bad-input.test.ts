import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { problems } from "../../../workloads/api/problem.ts";
import { newApiKey } from "../../../workloads/api-key.ts";
import { type Served, serve } from "./served.ts";
import { type Answer, coffee, type Shop } from "./shop.ts";

let served: Served;
let shop: Shop;
beforeAll(async () => {
  served = await serve({ worker: false });
  shop = await served.shop();
});
afterAll(() => served[Symbol.asyncDispose]());

function expectProblem(answer: Answer, code: string, param?: string): void {
  expect(answer.body.code).toBe(code);
  expect(answer.body.param).toBe(param);
  expect(answer.status).toBe(problems[code as keyof typeof problems].status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.headers.get("request-id")).toBe(answer.body.request_id);
  expect(answer.body).toMatchObject({ status: answer.status, title: expect.any(String), detail: expect.any(String) });
  expect(answer.body.doc_url).toBe(`/docs/errors#${code}`);
  expect(answer.text).not.toMatch(/\bat .*\.ts|node_modules/);
}

const withField = (field: object) => ({ ...coffee, ...field });
const withMethod = (field: object) => ({ ...coffee, method: { ...coffee.method, ...field } });
const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, "v"]));

describe("a field", () => {
  test.for<[what: string, body: unknown, code: string, param: string]>([
    ["no amount", { ...coffee, amount: undefined }, "parameter_missing", "amount"],
    ["an amount of text", withField({ amount: "350" }), "parameter_invalid", "amount"],
    ["a fraction", withField({ amount: 350.5 }), "parameter_invalid", "amount"],
    ["nothing", withField({ amount: 0 }), "parameter_invalid", "amount"],
    ["less than nothing", withField({ amount: -1 }), "parameter_invalid", "amount"],
    ["more than the most", withField({ amount: 1_000_000_000_001 }), "parameter_invalid", "amount"],
    ["2^53", withField({ amount: 2 ** 53 }), "parameter_invalid", "amount"],
    ["more than a number holds", `{"amount":1e999,"currency":"THB","method":{"type":"card","token":"t"}}`, "parameter_invalid", "amount"],
    ["null for an amount", withField({ amount: null }), "parameter_invalid", "amount"],
    ["an amount in a list", withField({ amount: [350] }), "parameter_invalid", "amount"],
    ["no currency", { ...coffee, currency: undefined }, "parameter_missing", "currency"],
    ["a currency in small letters", withField({ currency: "thb" }), "parameter_invalid", "currency"],
    ["a currency that nobody has", withField({ currency: "XTS" }), "parameter_invalid", "currency"],
    ["gold", withField({ currency: "XAU" }), "parameter_invalid", "currency"],
    ["a currency that is no text", withField({ currency: 764 }), "parameter_invalid", "currency"],
    ["no method", { ...coffee, method: undefined }, "parameter_missing", "method"],
    ["a method of text", withField({ method: "card" }), "parameter_invalid", "method"],
    ["a method that there is not", withMethod({ type: "cash" }), "parameter_invalid", "method.type"],
    ["no token", withMethod({ token: undefined }), "parameter_missing", "method.token"],
    ["an empty token", withMethod({ token: "" }), "parameter_invalid", "method.token"],
    ["a token with a blank", withMethod({ token: "tok visa" }), "parameter_invalid", "method.token"],
    ["a security code", withMethod({ cvc: "123" }), "parameter_unknown", "method.cvc"],
    ["a misspelt field", withField({ refrence: "r" }), "parameter_unknown", "refrence"],
    ["a status", withField({ status: "succeeded" }), "parameter_unknown", "status"],
    ["a prototype", `{"__proto__":{"amount":1},${JSON.stringify(coffee).slice(1)}`, "parameter_unknown", "__proto__"],
    ["a capture that there is not", withField({ capture: "later" }), "parameter_invalid", "capture"],
    ["an empty reference", withField({ reference: "" }), "parameter_invalid", "reference"],
    ["a reference that is too long", withField({ reference: "r".repeat(256) }), "parameter_invalid", "reference"],
    ["a reference with NUL", withField({ reference: "a\0b" }), "parameter_invalid", "reference"],
    [
      "a reference with half a character",
      `${JSON.stringify(coffee).slice(0, -1)},"reference":"\\ud800"}`,
      "parameter_invalid",
      "reference",
    ],
    ["metadata of text", withField({ metadata: "m" }), "parameter_invalid", "metadata"],
    ["metadata in a list", withField({ metadata: ["m"] }), "parameter_invalid", "metadata"],
    ["21 keys of metadata", withField({ metadata: keys(21) }), "parameter_invalid", "metadata"],
    ["a metadata key that is too long", withField({ metadata: { ["k".repeat(41)]: "v" } }), "parameter_invalid", "metadata"],
    ["a metadata value that is too long", withField({ metadata: { k: "v".repeat(501) } }), "parameter_invalid", "metadata.k"],
    ["a metadata value that is no text", withField({ metadata: { k: 1 } }), "parameter_invalid", "metadata.k"],
    ["a metadata value with NUL", withField({ metadata: { k: "\0" } }), "parameter_invalid", "metadata.k"],
    ["a prototype in metadata", `${JSON.stringify(coffee).slice(0, -1)},"metadata":{"__proto__":"v"}}`, "parameter_invalid", "metadata"],
  ])("is told of %s", async ([, body, code, param]) => {
    expectProblem(await shop.pay(body, { key: "bad" }), code, param);
    expect(await shop.count("payments")).toBe(0);
  });

  test("that is wrong does not hide the others", async () => {
    const answer = await shop.pay({ amount: 1.5, currency: "thb", extra: true }, { key: "bad" });

    expect(answer.body.errors.map((fault: { param: string }) => fault.param)).toEqual(["amount", "currency", "method", "extra"]);
    expect(answer.body.errors[1].detail).toContain("THB, in capitals");
  });

  test("may be at its bound", async () => {
    const bodies = [
      withField({ amount: 1 }),
      withField({ amount: 1_000_000_000_000, reference: "ก".repeat(255) }),
      withField({ metadata: keys(20), reference: null }),
      withField({ metadata: { constructor: "c", ["k".repeat(40)]: "v".repeat(500) } }),
      withMethod({ token: "t".repeat(255) }),
    ];
    const willing = await served.shop();

    const answers = await Promise.all(bodies.map((body, i) => willing.pay(body, { key: `bound-${i}` })));

    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    expect(await willing.count("payments")).toBe(5);
  });
});

describe("a body", () => {
  const deep = `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`;
  test.for<[what: string, body: string | Uint8Array, code: string]>([
    ["no JSON", '{"amount": 350,', "malformed_json"],
    ["nothing", "", "malformed_json"],
    ["a byte order mark", `\ufeff${JSON.stringify(coffee)}`, "malformed_json"],
    ["a list", JSON.stringify([coffee]), "body_not_an_object"],
    ["null", "null", "body_not_an_object"],
    ["a number", "350", "body_not_an_object"],
    [
      "bytes that are not UTF-8",
      Buffer.concat([Buffer.from('{"reference":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
      "body_not_utf8",
    ],
    ["more than 64 KiB", JSON.stringify({ ...coffee, metadata: { k: "v".repeat(70_000) } }), "body_too_large"],
    ["lists in lists without end", "[".repeat(60_000), "malformed_json"],
    ["objects in objects", deep.slice(0, 60_000), "malformed_json"],
  ])("is refused when it holds %s", async ([, body, code]) => {
    expectProblem(await shop.pay(body, { key: "bad" }), code);
    expect(await shop.count("payments")).toBe(0);
  });

  test.for<[headers: Record<string, string>, code: string]>([
    [{ "content-type": "text/plain" }, "content_type_unsupported"],
    [{ "content-type": "application/x-www-form-urlencoded" }, "content_type_unsupported"],
    [{ "content-type": "application/json; charset=tis-620" }, "content_type_unsupported"],
    [{ "content-encoding": "gzip" }, "content_encoding_unsupported"],
  ])("is refused with %j", async ([headers, code]) => {
    expectProblem(await shop.pay(coffee, { key: "bad", headers }), code);
  });
});

describe("a path", () => {
  test.for<[method: string, path: string, code: string, allow?: string]>([
    ["GET", "/", "route_not_found"],
    ["GET", "/v1/payment", "route_not_found"],
    ["POST", "/v1/payments/", "route_not_found"],
    ["GET", "/V1/payments/pay_x", "route_not_found"],
    ["GET", "/v1/payments/%zz", "request_malformed"],
    ["GET", "/v1/payments/pay_nothing", "payment_not_found"],
    ["GET", `/v1/payments/pay_${"0".repeat(29)}`, "payment_not_found"],
    ["GET", `/v1/payments/${"x".repeat(3_000)}`, "payment_not_found"],
    ["GET", "/v1/payments/__proto__", "payment_not_found"],
    ["GET", "/v1/idempotency-keys/never-used", "idempotency_key_not_found"],
    ["GET", "/v1/idempotency-keys/a%00b", "idempotency_key_invalid"],
    ["DELETE", "/v1/payments", "method_not_allowed", "POST, GET, HEAD"],
    ["OPTIONS", "/v1/payments", "method_not_allowed", "POST, GET, HEAD"],
    ["DELETE", "/v1/payments/pay_x", "method_not_allowed", "GET, HEAD"],
    ["POST", "/v1/idempotency-keys/k", "method_not_allowed", "GET, HEAD"],
  ])("is refused: %s %s", async ([method, path, code, allow]) => {
    const answer = await shop.ask(path, { method });

    expectProblem(answer, code);
    expect(answer.headers.get("allow")).toBe(allow ?? null);
  });

  test.for(["-1", "31", "1.5", "ten", "", "1e1"])("is refused when it asks to wait %j seconds", async (wait) => {
    expectProblem(await shop.ask(`/v1/payments/pay_x?wait=${wait}`), "parameter_invalid", "wait");
  });
});

describe("an API key", () => {
  test.for<[what: string, authorization: string | undefined, code: string]>([
    ["none", undefined, "api_key_missing"],
    ["an empty one", "Bearer ", "api_key_missing"],
    ["a scheme that there is not", "Digest abc", "api_key_missing"],
    ["garbage", "Bearer \u00e9\u00e8", "api_key_invalid"],
    ["one of nobody", `Bearer ${newApiKey("sk", "test")}`, "api_key_invalid"],
    ["one that is misspelt", `Bearer sk_test_${"0".repeat(36)}`, "api_key_invalid"],
    ["one that is far too long", `Bearer sk_test_${"0".repeat(5_000)}`, "api_key_invalid"],
    ["Basic without a key", `Basic ${btoa(":")}`, "api_key_invalid"],
  ])("is refused: %s", async ([, authorization, code]) => {
    const headers: Record<string, string> = { "content-type": "application/json", "idempotency-key": "bad" };
    if (authorization !== undefined) headers.authorization = authorization;

    const response = await fetch(`${served.url}/v1/payments`, { method: "POST", headers, body: JSON.stringify(coffee) });
    const text = await response.text();

    expectProblem({ status: response.status, headers: response.headers, text, body: JSON.parse(text) }, code);
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="satang"');
  });

  test("of the other mode is refused, and says which to take", async () => {
    const answer = await shop.pay(coffee, { key: "bad", secretKey: shop.liveKey });

    expectProblem(answer, "api_key_wrong_mode");
    expect(answer.body.detail).toContain("sk_test_");
  });

  test("may come as the user name, as curl -u sends it", async () => {
    const willing = await served.shop();

    const answer = await willing.pay(coffee, { key: "basic", headers: { authorization: `Basic ${btoa(`${willing.secretKey}:`)}` } });

    expect(answer.status).toBe(202);
  });
});
