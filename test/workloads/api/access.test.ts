import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { problems } from "../../../workloads/api/problem.ts";
import { type Route, type Scope, scopes } from "../../../workloads/api/route.ts";
import { askRoute, nameOf, table } from "./route-table.ts";
import { type Served, serve } from "./served.ts";

type Asker = { readonly name: string; readonly may: "everything" | "admin" | "nothing" | readonly Scope[]; key: string | undefined };

let served: Served;
const askers: Asker[] = [
  { name: "nobody", may: "nothing", key: undefined },
  { name: "a secret key", may: "everything", key: undefined },
  { name: "the admin key", may: "admin", key: undefined },
  ...scopes.map((scope) => ({ name: scope, may: [scope], key: undefined })),
  { name: "all scopes but one's own", may: scopes.slice(1), key: undefined },
];
beforeAll(async () => {
  served = await serve({ worker: false });
  const { id: merchant } = (await served.admin("POST", "/v1/merchants", { name: "Shop" })).body;
  for (const asker of askers) {
    if (asker.may === "admin") asker.key = served.adminKey;
    else if (asker.may !== "nothing") {
      const more = asker.may === "everything" ? {} : { scopes: asker.may };
      asker.key = (await served.admin("POST", "/v1/api-keys", { merchant, ...more })).body.secret;
    }
  }
});
afterAll(() => served[Symbol.asyncDispose]());

/** The code with which a route refuses who may not ask it; `undefined`: he may. */
function refusal({ access }: Route, { may }: Asker): keyof typeof problems | undefined {
  if (access === "public") return undefined;
  if (may === "nothing") return "api_key_missing";
  if (access === "admin") return may === "admin" ? undefined : "admin_key_required";
  if (may === "admin") return "merchant_key_required";
  return may === "everything" || may.includes(access) ? undefined : "scope_missing";
}

describe("who may ask what", () => {
  test.for(table.map((route) => [nameOf(route), route] as const))("%s", async ([, route]) => {
    for (const asker of askers) {
      const { status, body, headers } = await askRoute(served.url, route, { key: asker.key });

      const code = refusal(route, asker);
      if (code) {
        expect([asker.name, status, body.code]).toEqual([asker.name, problems[code].status, code]);
        expect(headers.has("www-authenticate")).toBe(code === "api_key_missing" || code === "scope_missing");
      } else
        expect([asker.name, status], JSON.stringify(body)).not.toEqual([
          asker.name,
          expect.toSatisfy((s) => s === 401 || s === 403 || s >= 500),
        ]);
    }
  });

  test("is told of every scope by some route, or the scope would be of no use", () => {
    const used = new Set(table.map(({ access }) => access));

    expect(scopes.filter((scope) => !used.has(scope))).toEqual([]);
  });
});
