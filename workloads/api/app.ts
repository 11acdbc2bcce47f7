import type { RequestListener } from "node:http";
import express, { type ErrorRequestHandler } from "express";
import type { Mode } from "../payment/payment.ts";
import type { Store } from "../store/store.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { authenticating } from "./authenticate.ts";
import { type CreatePaymentDeps, createPayment, paymentsRoute } from "./create-payment.ts";
import { type EndpointDeps, endpoint, type Handler } from "./endpoint.ts";
import { getIdempotencyKey } from "./get-idempotency-key.ts";
import { getPayment } from "./get-payment.ts";
import { Refusal } from "./problem.ts";
import { RecentKeys } from "./recent-keys.ts";

export type AppDeps = Omit<CreatePaymentDeps, "authenticate" | "recent" | "store" | "metrics"> &
  Omit<EndpointDeps, "metrics"> & {
    readonly store: Pick<Store, "accept" | "replayed" | "payment" | "idempotencyKey" | "tenantOf">;
    readonly metrics: Pick<Metrics, "observeHttp" | "idempotency">;
    readonly mode: Mode;
  };

/** Every path of the API. */
export function app(deps: AppDeps): RequestListener {
  const authenticate = authenticating(deps);
  const on = { ...deps, authenticate, recent: new RecentKeys() };

  const routes = express();
  // The three settings that cost: together a third of what Express takes of a request.
  routes.disable("etag");
  routes.disable("x-powered-by");
  routes.set("query parser", "simple");
  routes.enable("case sensitive routing");
  routes.enable("strict routing");

  const pay = endpoint(paymentsRoute, createPayment(on), deps);
  routes.post(paymentsRoute, pay);
  routes.get(`${paymentsRoute}/:id`, endpoint(`${paymentsRoute}/{id}`, getPayment(on), deps));
  routes.get("/v1/idempotency-keys/:key", endpoint("/v1/idempotency-keys/{key}", getIdempotencyKey(on), deps));

  routes.all(paymentsRoute, endpoint(paymentsRoute, only("POST"), deps));
  routes.all(`${paymentsRoute}/:id`, endpoint(`${paymentsRoute}/{id}`, only("GET, HEAD"), deps));
  routes.all("/v1/idempotency-keys/:key", endpoint("/v1/idempotency-keys/{key}", only("GET, HEAD"), deps));
  routes.use(endpoint("other", nothingHere, deps));
  routes.use(unreadable(deps));

  // The one that is asked most goes past the router, which would take a tenth of all that it costs.
  return (request, response) =>
    request.method === "POST" && request.url === paymentsRoute ? void pay(request, response) : routes(request, response);
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
