import type { RequestListener } from "node:http";
import express, { type ErrorRequestHandler, type Request } from "express";
import type { Metrics } from "../telemetry/metrics.ts";
import { type AuthenticateDeps, authenticating } from "./authenticate.ts";
import { paymentsRoute } from "./create-payment.ts";
import { type EndpointDeps, endpoint, type Handler } from "./endpoint.ts";
import type { Gates } from "./gates.ts";
import { Refusal } from "./problem.ts";
import { RecentKeys } from "./recent-keys.ts";
import type { Route } from "./route.ts";
import { type RoutesDeps, routes } from "./routes.ts";
import { type ServeDeps, serve } from "./serve.ts";

export type AppDeps = Omit<RoutesDeps, "recent"> &
  Omit<EndpointDeps, "metrics"> &
  AuthenticateDeps &
  Pick<ServeDeps, "store"> & { readonly gates: Gates; readonly metrics: Pick<Metrics, "observeHttp"> };

/** Every path of the API. */
export function app(deps: AppDeps): RequestListener {
  const all = routes({ ...deps, recent: new RecentKeys() });
  const serving = { gates: deps.gates, store: deps.store, authenticate: authenticating(deps) };

  const router = express();
  // The three settings that cost: together a third of what Express takes of a request.
  router.disable("etag");
  router.disable("x-powered-by");
  router.set("query parser", "simple");
  router.enable("case sensitive routing");
  router.enable("strict routing");

  const served = new Map(all.map((route) => [route, endpoint(route.path, serve(route, serving), deps)]));
  for (const [route, listener] of served) router[verbs[route.method]](patternOf(route.path), listener);
  for (const [path, allow] of methodsByPath(all)) router.all(patternOf(path), endpoint(path, only(allow), deps));
  router.use(endpoint("other", nothingHere, deps));
  router.use(unreadable(deps));

  // The one that is asked most goes past the router, which would take a tenth of all that it costs.
  const pay = served.get(all[0]!)!;
  return (request, response) =>
    request.method === "POST" && request.url === paymentsRoute ? void pay(request as Request, response) : router(request, response);
}

const verbs = { GET: "get", POST: "post", PATCH: "patch", DELETE: "delete" } as const;

// `{id}` in OpenAPI and in metrics is `:id` to Express.
const patternOf = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ":$1");

function methodsByPath(all: readonly Route[]): Map<string, string> {
  const allowed = new Map<string, string>();
  for (const { method, path } of all) {
    const more = method === "GET" ? "GET, HEAD" : method;
    const before = allowed.get(path);
    allowed.set(path, before === undefined ? more : `${before}, ${more}`);
  }
  return allowed;
}

function only(allow: string): Handler {
  return () => {
    throw new Refusal({ code: "method_not_allowed", detail: `Here it is ${allow}.` }, { headers: { allow } });
  };
}

const nothingHere: Handler = () => {
  throw new Refusal({
    code: "route_not_found",
    detail: "Check the path: it begins with /v1/, has no slash at its end, and is in small letters.",
  });
};

// Endpoints answer their own errors. What comes here is a path that Express could not decode.
function unreadable(deps: EndpointDeps): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const isTheirs = error instanceof Error && "status" in error && error.status === 400;
    const refused = isTheirs
      ? new Refusal({ code: "request_malformed", detail: "The path holds a % that does not begin an escape like %20." })
      : error;
    return endpoint("other", () => Promise.reject(refused), deps)(request, response);
  };
}
