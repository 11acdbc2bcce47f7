import type { Request } from "express";
import type { MerchantStore } from "../store/merchant-store.ts";
import type { Authenticate, Caller } from "./authenticate.ts";
import { checkBodyHeaders } from "./body.ts";
import type { Handler } from "./endpoint.ts";
import { enter, type Gates } from "./gates.ts";
import { Refusal } from "./problem.ts";
import type { Route, Scope } from "./route.ts";
import { withToken } from "./with-token.ts";

export type ServeDeps = { readonly authenticate: Authenticate; readonly gates: Gates; readonly store: Pick<MerchantStore, "position"> };

/** Leads a request through the gates, in their order, to its route. What is refused on the way has cost nothing yet. */
export function serve(route: Route, { authenticate, gates, store }: ServeDeps): Handler<Request> {
  const takesBody = route.doc.body !== undefined;
  const takesNoQuery = route.method === "GET" && route.doc.query === undefined && route.access !== "public";
  return async (asked) => {
    if (takesBody) checkBodyHeaders(asked.request);
    if (takesNoQuery) refuseQuery(asked.request.query);
    const { requestId } = asked;
    switch (route.access) {
      case "public":
        return route.handle(asked);
      case "admin":
        onlyAdmin(await authenticate(asked.request));
        return route.handle({ ...asked, by: { keyId: null, requestId } });
      default: {
        const { tenant, keyId } = allowed(await authenticate(asked.request), route.access);
        const leave = enter(tenant, route.load, gates);
        try {
          const answer = await route.handle({ ...asked, tenant, by: { keyId, requestId } });
          return route.method === "GET" ? answer : await withToken(answer, { request: asked.request, tenant, store });
        } finally {
          leave();
        }
      }
    }
  };
}

// These routes are documented, so hiding them from a merchant would only cost him the reason.
function onlyAdmin(caller: Caller): void {
  if (caller.kind === "admin") return;
  throw new Refusal({ code: "admin_key_required", detail: "This path takes the admin key, which begins with ak_, and no merchant's key." });
}

function allowed(caller: Caller, scope: Scope): Extract<Caller, { kind: "merchant" }> {
  if (caller.kind === "admin") {
    const detail = "The admin key runs the system and is no merchant. Use the secret key of the merchant, which begins with sk_.";
    throw new Refusal({ code: "merchant_key_required", detail });
  }
  if (caller.scopes === undefined || caller.scopes.has(scope)) return caller;
  const detail = `This restricted key has no scope ${scope}. Use a key that has it, or the secret key.`;
  const headers = { "www-authenticate": `Bearer realm="satang", error="insufficient_scope", scope="${scope}"` };
  throw new Refusal({ code: "scope_missing", detail }, { headers });
}

// A parameter that nobody reads may be one that the caller relies on.
function refuseQuery(query: Request["query"]): void {
  const [name] = Object.keys(query);
  if (name === undefined) return;
  const param = name.slice(0, 100);
  throw new Refusal({
    code: "parameter_unknown",
    detail: `There is no parameter ${param} here. Check its spelling, or leave it out.`,
    param,
  });
}
