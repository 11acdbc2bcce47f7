import type { Route } from "../../../workloads/api/route.ts";
import { type RoutesDeps, routes } from "../../../workloads/api/routes.ts";
import { newApiKey } from "../../../workloads/api-key.ts";
import type { Served } from "./served.ts";
import type { Answer } from "./shop.ts";

/** Every route that the API serves: what is tested by walking through this holds for a new one by itself. Only to be looked at. */
export const table: readonly Route[] = routes({ publicUrl: "" } as unknown as RoutesDeps);

export const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

/** What may stand in a path, by parameter; by default an id that nobody has. */
export const pathOf = ({ path }: Route, value: string = `pay_${"0".repeat(29)}`): string =>
  path.replaceAll(/\{\w+\}/g, encodeURIComponent(value));

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
