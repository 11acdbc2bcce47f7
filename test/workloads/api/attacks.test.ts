import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Schemas } from "../../../workloads/api/docs/schema-of.ts";
import { problems } from "../../../workloads/api/problem.ts";
import type { Route } from "../../../workloads/api/route.ts";
import { type Asking, askRoute, keyFor, livePaths, nameOf, pathOf, table } from "./route-table.ts";
import { type Served, serve } from "./served.ts";
import type { Answer } from "./shop.ts";

const named = (routes: readonly Route[]) => routes.map((route) => [nameOf(route), route] as const);
// What a provider posts is read when it is signed by him, and refused whole otherwise: see provider-events.test.ts.
const takers = table.filter(({ doc, load }) => doc.body && load !== "event");
const keys = new Map<string, string>(); // by what they may

let served: Served;
let paths: Map<Route, string>; // of things that are there
beforeAll(async () => {
  served = await serve({ worker: false });
  const merchant: string = (await served.admin("POST", "/v1/merchants", { name: "Shop" })).body.id;
  const secretKey: string = (await served.admin("POST", "/v1/api-keys", { merchant })).body.secret;
  paths = await livePaths(served, { merchant, secretKey });
  for (const route of table) if (!keys.has(route.access)) keys.set(route.access, await keyFor(route, served, merchant));
});
afterAll(() => served[Symbol.asyncDispose]());

const attack = (route: Route, asking: Asking = {}): Promise<Answer> =>
  askRoute(served.url, route, { key: keys.get(route.access), path: paths.get(route)!, ...asking });

function expectRefused(answer: Answer, ...codes: string[]): void {
  expect(codes, `${answer.status} ${answer.text.slice(0, 500)}`).toContain(answer.body.code);
  expect(answer.status).toBe(problems[answer.body.code as keyof typeof problems].status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
}

/** The path of every property in a schema, and of a key of every map. */
function properties(schema: unknown, prefix: readonly string[] = []): (readonly string[])[] {
  const { properties: own = {}, anyOf = [], items } = schema as { properties?: object; anyOf?: unknown[]; items?: unknown };
  const inside = Object.entries(own).flatMap(([name, value]) => [[...prefix, name], ...properties(value, [...prefix, name])]);
  return [...inside, ...anyOf.flatMap((one) => properties(one, prefix)), ...(items ? properties(items, [...prefix, "0"]) : [])];
}

function fieldsOf({ doc }: Route): (readonly string[])[] {
  const schemas = new Schemas();
  const { $ref, ...own } = schemas.of(doc.body!, "input");
  return properties($ref === undefined ? own : schemas.components[String($ref).split("/").at(-1)!]);
}

const nested = (path: readonly string[], value: unknown): unknown => path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);

describe("a card number", () => {
  const card = "4242424242424242";
  const written = [card, "4242 4242 4242 4242", "4242-4242-4242-4242"];

  async function expectNowhere(): Promise<void> {
    const { rows } = await served.rows.query<{ name: string }>(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'satang'",
    );
    for (const { name } of rows) {
      const found = await served.rows.query(`select count(*)::int as n from ${name} t where t::text ~ '4242[ -]?4242'`);
      expect([name, found.rows[0].n]).toEqual([name, 0]);
    }
    expect(served.log()).not.toMatch(/4242[ -]?4242/);
  }

  test.for(named(takers))("in any field of %s is refused, and in no answer, row or log", async ([, route]) => {
    for (const path of [...fieldsOf(route), ["metadata", "note"], ["nothing like it"], []]) {
      for (const text of written) {
        const answer = await attack(route, { body: JSON.stringify(path.length === 0 ? { [text]: 1 } : nested(path, text)) });

        expectRefused(answer, "pan_not_allowed");
        expect(answer.text).not.toMatch(/4242[ -]?4242/);
      }
      expectRefused(await attack(route, { body: JSON.stringify(nested([...path, "n"], Number(card))) }), "pan_not_allowed");
    }
    await expectNowhere();
  });

  test.for(named(table))("in the path, the query or a header of %s is refused, and in no answer, row or log", async ([, route]) => {
    const [path, withCard] = [paths.get(route)!, pathOf(route, card)];
    const headers = [
      "idempotency-key",
      "prefer",
      "if-none-match",
      "x-reference",
      "x-note",
      "accept-language",
      "cookie",
      "consistency-token",
    ];
    const askings: Asking[] = [
      ...(route.path.includes("{") ? [{ path: withCard }] : []),
      ...written.map((text) => ({ path: `${path}?reference=${encodeURIComponent(text)}` })),
      ...headers.map((name) => ({ headers: { [name]: `note ${card}` } })),
    ];
    for (const asking of askings) {
      const answer = await attack(route, asking);

      expectRefused(answer, "pan_not_allowed");
      expect(answer.text).not.toMatch(/4242[ -]?4242/);
    }
    await expectNowhere();
  });
});

describe("a body", () => {
  const deep = `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`;
  const bodies: [what: string, asking: Asking, ...codes: string[]][] = [
    ["64 KiB and a byte", { body: `{"a":"${"x".repeat(64 * 1024 - 7)}"}` }, "body_too_large"],
    ["two megabytes", { body: `{"a":"${"x".repeat(2 * 1024 * 1024)}"}` }, "body_too_large"],
    ["nothing", { body: "" }, "malformed_json"],
    ["half of it", { body: '{"amount": 35' }, "malformed_json"],
    ["a list", { body: "[{}]" }, "body_not_an_object"],
    ["null", { body: "null" }, "body_not_an_object"],
    ["objects in objects without end", { body: deep.slice(0, 60_000) }, "malformed_json"],
    ["bytes that are not UTF-8", { body: Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]) }, "body_not_utf8"],
    ["UTF-16", { body: Buffer.from("\ufeff{}", "utf16le") }, "body_not_utf8", "malformed_json"],
    ["a form", { body: "amount=1", headers: { "content-type": "application/x-www-form-urlencoded" } }, "content_type_unsupported"],
    ["JSON that is called something else", { headers: { "content-type": "text/plain" } }, "content_type_unsupported"],
    ["another alphabet", { headers: { "content-type": "application/json; charset=utf-16" } }, "content_type_unsupported"],
    ["gzip", { headers: { "content-encoding": "gzip" } }, "content_encoding_unsupported"],
  ];
  test.for(named(takers))("of a wrong size or encoding is refused by %s", async ([, route]) => {
    const mayBeNothing = route.doc.body!.safeParse({}).success;
    for (const [what, asking, ...codes] of bodies) {
      if (what === "nothing" && mayBeNothing) continue;
      const answer = await attack(route, asking);

      expect([what, codes.includes(answer.body.code)], answer.text.slice(0, 500)).toEqual([what, true]);
      expectRefused(answer, ...codes);
    }
  });

  const prototypes = [
    '{"__proto__": {"status": "succeeded", "scopes": null}}',
    '{"constructor": {"prototype": {"status": "succeeded"}}}',
    '{"prototype": {"isAdmin": true}}',
    '{"metadata": {"__proto__": {"polluted": "yes"}}}',
    '{"metadata": {"constructor": {"prototype": {"polluted": "yes"}}}}',
  ];
  test.for(named(takers))("with __proto__ and its friends changes nothing in %s, nor in what is asked next", async ([, route]) => {
    for (const body of prototypes) {
      const answer = await attack(route, { body });

      expect(answer.status, `${body} ${answer.text.slice(0, 500)}`).toBeGreaterThanOrEqual(400);
      expect(answer.status, `${body} ${answer.text.slice(0, 500)}`).toBeLessThan(500);
    }
    const { body: next } = await served.admin("POST", "/v1/merchants", { name: "After" });
    expect(next).toMatchObject({ disabled: false });
    expect(JSON.stringify(next)).not.toMatch(/polluted|succeeded|isAdmin/);
  });

  // What a merchant reads and we alone write. A field of the same name that a route takes is not among them.
  const ours = [
    "id",
    "object",
    "status",
    "outcome",
    "captured",
    "refunded",
    "version",
    "created_at",
    "updated_at",
    "mode",
    "bucket",
    "merchant_id",
  ];
  const more = [
    "failure",
    "failure_code",
    "capture_before",
    "provider",
    "provider_reference",
    "secret",
    "key_hash",
    "hint",
    "disabled_at",
    "revoked_at",
    "last_used_at",
  ];
  test.for(named(takers))("cannot set what is ours: %s", async ([, route]) => {
    const taken = new Set(fieldsOf(route).map(([first]) => first));
    for (const field of [...ours, ...more].filter((name) => !taken.has(name))) {
      const answer = await attack(route, { body: JSON.stringify({ [field]: "succeeded" }) });

      const faults: { code: string; param: string }[] = [answer.body as { code: string; param: string }, ...(answer.body.errors ?? [])];
      expect(
        faults.some(({ code, param }) => code === "parameter_unknown" && param === field),
        `${field}: ${answer.text.slice(0, 500)}`,
      ).toBe(true);
    }
  });

  test("has no field that is open but metadata", () => {
    for (const route of takers) {
      const text = JSON.stringify(new Schemas().of(route.doc.body!, "input"));

      expect([nameOf(route), text.includes('"additionalProperties":{}')]).toEqual([nameOf(route), false]);
    }
  });
});

test("no secret is in the log or in an answer after all of this", async () => {
  for (const key of [...keys.values(), served.adminKey]) expect(served.log()).not.toContain(key.slice(12));
  expect(served.log()).not.toMatch(/postgres:\/\/[^:]*:[^…@]+@/);
});
