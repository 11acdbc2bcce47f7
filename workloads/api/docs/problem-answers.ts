import { type ProblemCode, problems } from "../problem.ts";
import type { Route } from "../route.ts";
import type { JsonSchema } from "./schema-of.ts";

/** How a route may refuse, as OpenAPI writes answers: by status, each with its codes and an example of each. */
export function problemAnswers(route: Route): Record<string, JsonSchema> {
  const byStatus = Object.groupBy(codesOf(route), (code) => problems[code].status);
  return Object.fromEntries(Object.entries(byStatus).map(([status, codes]) => [status, answerOf(codes!)]));
}

/** An example of each code, to be referred to. */
export function problemExamples(publicUrl: string): Record<string, JsonSchema> {
  const codes = Object.keys(problems) as ProblemCode[];
  return Object.fromEntries(codes.map((code) => [code, { summary: problems[code].title, value: example(code, publicUrl) }]));
}

/** Every code that a route may answer with: its own, and those of the gates before it. */
export function codesOf({ access, doc }: Route): ProblemCode[] {
  const merchants = access !== "admin" && access !== "public";
  const codes: ProblemCode[] = [
    ...anyRequest,
    ...(doc.body ? anyBody : []),
    ...(access === "public" ? [] : anyKey),
    ...(access === "admin" ? (["admin_key_required"] as const) : []),
    ...(merchants ? anyMerchant : []),
    ...(doc.body || doc.query ? anyField : []),
    ...doc.problems,
  ];
  return [...new Set(codes)];
}

const anyRequest = [
  "request_malformed",
  "pan_not_allowed",
  "request_timeout",
  "headers_too_large",
  "expectation_failed",
  "internal_error",
] as const;
const anyBody = [
  "content_type_unsupported",
  "content_encoding_unsupported",
  "body_too_large",
  "body_not_utf8",
  "body_not_an_object",
  "malformed_json",
] as const;
const anyField = ["parameter_missing", "parameter_invalid", "parameter_unknown"] as const;
const anyKey = [
  "api_key_missing",
  "api_key_invalid",
  "api_key_expired",
  "api_key_revoked",
  "api_key_wrong_mode",
  "store_unavailable",
] as const;
const anyMerchant = [
  "merchant_disabled",
  "scope_missing",
  "merchant_key_required",
  "rate_limit_exceeded",
  "too_many_in_flight",
  "over_fair_share",
  "overloaded",
] as const;

function answerOf(codes: readonly ProblemCode[]): JsonSchema {
  return {
    description: codes.map((code) => `\`${code}\`: ${problems[code].title}.`).join("\n\n"),
    headers: { "Request-Id": { $ref: "#/components/headers/Request-Id" } },
    content: {
      "application/problem+json": {
        schema: { allOf: [{ $ref: "#/components/schemas/Problem" }, { properties: { code: { enum: codes } } }] },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  };
}

function example(code: ProblemCode, publicUrl: string): JsonSchema {
  const { status, title } = problems[code];
  const explained = `${publicUrl}/docs/errors#${code}`;
  const detail = "What is wrong with this request, and what to do about it.";
  return { type: explained, title, status, detail, code, request_id: "req_01a20e9f91b2700090c91750b72578ad", doc_url: explained };
}
