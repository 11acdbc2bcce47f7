import type { z } from "zod";
import { askOf, type FollowUpDeps, type FollowUpKindOf, type FollowUpRequest, followUpProblems } from "./follow-up.ts";
import type { ProblemCode } from "./problem.ts";
import type { Route, Scope } from "./route.ts";
import { validated } from "./validated.ts";

export type FollowUpRouteOptions = {
  readonly kind: FollowUpKindOf["kind"];
  readonly path: Route["path"];
  readonly access: Scope;
  readonly summary: string;
  readonly description: string;
  readonly body: z.ZodType<FollowUpRequest>;
  /** What is answered with, as `/openapi.json` says it. */
  readonly made: z.ZodType;
  /** "The refund", for people. */
  readonly what: string;
  readonly wrongStatus: ProblemCode;
  readonly answer: FollowUpKindOf["answer"];
};

/** The route by which something is asked of a payment. */
export function followUpRoute(options: FollowUpRouteOptions, deps: FollowUpDeps): Route {
  const { kind, path, access, summary, description, body, made, what, wrongStatus, answer } = options;
  return {
    method: "POST",
    path,
    access,
    load: "payment",
    doc: {
      summary,
      description,
      body,
      answers: {
        201: { description: `${what} has ended.`, body: made },
        202: { description: `${what} is durable, and will be done.`, body: made },
      },
      problems: [...followUpProblems, wrongStatus],
    },
    handle: (asked) => askOf(asked, { kind, path, requestOf: (sent) => validated(body, sent), answer }, deps),
  };
}
