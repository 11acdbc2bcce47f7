import type { Request } from "express";
import type { z } from "zod";
import type { By } from "../store/access.ts";
import type { Tenant } from "../store/store.ts";
import type { Answer, Asked } from "./endpoint.ts";
import type { ProblemCode } from "./problem.ts";

/** What a restricted key may be allowed; a secret key may do all of it. */
export const scopes = [
  "payments:read",
  "payments:write",
  "refunds:read",
  "refunds:write",
  "events:read",
  "webhooks:read",
  "webhooks:write",
  "ledger:read",
  "reports:read",
] as const;
export type Scope = (typeof scopes)[number];

/** How dear a request is to its sender. Under load the first of these is refused first, the last never. */
export const loadClasses = ["report", "list", "read", "payment", "event"] as const;
export type LoadClass = (typeof loadClasses)[number];

/** What `/openapi.json` says of a route. Its schemas are those that the route validates with and answers by. */
export type RouteDoc = {
  /** A few words, as a heading: "Create a payment". */
  readonly summary: string;
  readonly description?: string;
  /** An object schema, a property a parameter. */
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** What is answered when all is well, by status. */
  readonly answers: { readonly [status: number]: RouteAnswer };
  /** How it may be refused, beyond what every route may answer. */
  readonly problems: readonly ProblemCode[];
};

type RouteAnswer = {
  readonly description: string;
  /** What is answered as JSON. */
  readonly body?: z.ZodType;
  /** Content types that it may have beside, or instead of, JSON: `text/csv`. */
  readonly otherTypes?: readonly string[];
};

type Place = {
  /** `GET` answers `HEAD` as well. */
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** As OpenAPI writes it: `/v1/payments/{id}`. */
  readonly path: `/${string}`;
  readonly load: LoadClass;
  readonly doc: RouteDoc;
};

type Handle<Extra> = (asked: Asked<Request> & Extra) => Answer | Promise<Answer>;

/** One thing that can be asked of the API, and by whom: a key with a scope, the admin key, or anybody. */
export type Route = Place &
  (
    | { readonly access: Scope; readonly handle: Handle<{ readonly tenant: Tenant; readonly by: By }> }
    | { readonly access: "admin"; readonly handle: Handle<{ readonly by: By }> }
    | { readonly access: "public"; readonly handle: Handle<unknown> }
  );
