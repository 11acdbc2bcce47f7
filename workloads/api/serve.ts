import type { Request } from "express";
import type { Authenticate } from "./authenticate.ts";
import { checkBodyHeaders } from "./body.ts";
import type { Handler } from "./endpoint.ts";
import { Refusal } from "./problem.ts";
import type { Route } from "./route.ts";

export type ServeDeps = { readonly authenticate: Authenticate };

/** Leads a request through the gates, in their order, to its route. What is refused on the way has cost nothing yet. */
export function serve(route: Route, { authenticate }: ServeDeps): Handler<Request> {
  const takesBody = route.doc.body !== undefined;
  return async (asked) => {
    if (takesBody) checkBodyHeaders(asked.request);
    switch (route.access) {
      case "public":
        return route.handle(asked);
      case "admin":
        throw new Refusal({ code: "route_not_found", detail: "There is no admin key here." });
      default:
        return route.handle({ ...asked, tenant: await authenticate(asked.request) });
    }
  };
}
