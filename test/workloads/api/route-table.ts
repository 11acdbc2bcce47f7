import { Schemas } from "../../../workloads/api/docs/schema-of.ts";
import type { Route } from "../../../workloads/api/route.ts";
import { type RoutesDeps, routes } from "../../../workloads/api/routes.ts";
import { newApiKey } from "../../../workloads/api-key.ts";
import type { Served } from "./served.ts";
import type { Answer } from "./shop.ts";

/** Every route that the API serves: what is tested by walking through this holds for a new one by itself. Only to be looked at. */
export const table: readonly Route[] = routes({ publicUrl: "" } as unknown as RoutesDeps);

export const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

/** The route's path; `value` stands for each parameter, by default an id that nobody has. */
export const pathOf = ({ path }: Route, value: string = `pay_${"0".repeat(29)}`): string =>
  path.replaceAll(/\{\w+\}/g, encodeURIComponent(value));

/**
 * Routes are asked for things that are there, or they would say no more than that they are not. This makes one of each that has an id, by the
 * route that makes such things and the example of its document, and gives each route's path with it.
 */
export async function livePaths(
  { url, adminKey }: Served,
  { merchant, secretKey }: { merchant: string; secretKey: string },
): Promise<Map<Route, string>> {
  const ids = new Map<string, string>();
  for (const route of table.filter(({ method, path, doc }) => method === "POST" && doc.body && !path.includes("{"))) {
    const key = route.access === "admin" ? adminKey : secretKey;
    const example = exampleOf(route);
    const body = JSON.stringify("merchant" in example ? { ...example, merchant } : example);
    const answer = await askRoute(url, route, { key, body });
    if (answer.status >= 300) throw new Error(`${nameOf(route)} refuses its own example ${body}: ${answer.text}`);
    ids.set(route.path, answer.body.id);
  }
  return new Map(table.map((route) => [route, pathOf({ ...route, path: withId(route.path, ids) as Route["path"] })]));
}

function withId(path: string, ids: Map<string, string>): string {
  const id = ids.get(path.slice(0, path.indexOf("/{")));
  return id === undefined ? path : path.replace(/\{\w+\}/, id);
}

/** The example that a route's document gives of its body: of the whole, or field by field. */
export function exampleOf(route: Route): object {
  const schemas = new Schemas();
  const { $ref, ...own } = schemas.of(route.doc.body!, "input");
  const schema = $ref === undefined ? own : schemas.components[String($ref).split("/").at(-1)!]!;
  if (schema.example) return schema.example;
  const fields = Object.entries((schema.properties ?? {}) as Record<string, { example?: unknown }>);
  return Object.fromEntries(fields.filter(([, { example }]) => example !== undefined).map(([name, { example }]) => [name, example]));
}

/** A key that may ask this route, and nothing beyond where that can be. */
export async function keyFor(route: Route, { admin, adminKey }: Pick<Served, "admin" | "adminKey">, merchant: string): Promise<string> {
  if (route.access === "public") return newApiKey("sk", "test");
  if (route.access === "admin") return adminKey;
  return (await admin("POST", "/v1/api-keys", { merchant, scopes: [route.access] })).body.secret;
}

export type Asking = { key?: string | undefined; path?: string; body?: string | Uint8Array | undefined; headers?: Record<string, string> };

/** Asks a route with all that its gates want: JSON and an Idempotency-Key where it takes a body. */
export async function askRoute(url: string, route: Route, { key, path = pathOf(route), body, headers = {} }: Asking): Promise<Answer> {
  const answer = await fetch(`${url}${path}`, {
    method: route.method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(route.doc.body ? { "content-type": "application/json", "idempotency-key": crypto.randomUUID() } : {}),
      ...headers,
    },
    ...(route.method === "GET" ? {} : { body: (body ?? (route.doc.body ? "{}" : null)) as string | null }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: text.startsWith("{") ? JSON.parse(text) : {} };
}
