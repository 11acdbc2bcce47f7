import { z } from "zod";
import { problemSchema } from "../problem-schema.ts";
import { type Route, scopes } from "../route.ts";
import { problemAnswers, problemExamples } from "./problem-answers.ts";
import { type JsonSchema, Schemas } from "./schema-of.ts";

export type OpenApiOptions = { readonly publicUrl: string; readonly version: string };
export type OpenApi = JsonSchema & { readonly paths: Record<string, Record<string, JsonSchema>> };

/** The API as OpenAPI 3.1 has it, made from its routes: the schemas are those that requests are checked with and answers written by. */
export function openApi(routes: readonly Route[], { publicUrl, version }: OpenApiOptions): OpenApi {
  const schemas = new Schemas();
  schemas.of(problemSchema, "output");
  const documented = routes.filter(({ path }) => path.startsWith("/v1/")); // the rest is for people
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of documented) {
    paths[route.path] ??= {};
    paths[route.path]![route.method.toLowerCase()] = operationOf(route, schemas);
  }
  return {
    openapi: "3.1.0",
    info: { title: "Satang", version, description, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    servers: [{ url: publicUrl || "/" }],
    tags: [...new Set(documented.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.components,
      examples: problemExamples(publicUrl),
      headers: {
        "Request-Id": {
          description: "Names this request in our logs.",
          required: true,
          schema: { type: "string", pattern: "^req_[0-9a-f]{32}$" },
        },
      },
      securitySchemes: {
        merchantKey: {
          type: "http",
          scheme: "bearer",
          description: `A merchant's key: sk_ may everything, rk_ what its scopes say: ${scopes.join(", ")}.`,
        },
        adminKey: { type: "http", scheme: "bearer", description: "The key that runs the system, ak_." },
      },
    },
  };
}

const description =
  "Amounts are whole minor units. Every POST that moves money takes an Idempotency-Key: a repeat under the same key is done once. " +
  "Every refusal is application/problem+json with a stable code, explained at its doc_url.";

function operationOf(route: Route, schemas: Schemas): JsonSchema {
  const { doc } = route;
  return {
    operationId: operationIdOf(route),
    summary: doc.summary,
    ...(doc.description === undefined ? {} : { description: doc.description }),
    tags: [tagOf(route)],
    security: securityOf(route),
    parameters: [
      ...pathParameters(route),
      ...(doc.query ? schemas.parameters(doc.query, "query") : []),
      ...schemas.parameters(headersOf(route), "header"),
    ],
    ...(doc.body ? { requestBody: { required: true, content: { "application/json": { schema: schemas.of(doc.body, "input") } } } } : {}),
    responses: { ...answersOf(route, schemas), ...problemAnswers(route) },
  };
}

/** `listPayments`, `getPayment`, `createPayment`, `capturePayment`, `createPaymentRefund`. */
function operationIdOf({ method, path }: Route): string {
  const parts = path.replace("/v1/", "").split("/");
  const isOfOne = (i: number): boolean => parts[i + 1]?.startsWith("{") ?? false;
  const things = parts.flatMap((part, i) =>
    part.startsWith("{") ? [] : [capitalized(isOfOne(i) || method === "POST" ? singular(part) : part)],
  );
  const last = parts.at(-1)!;
  if (method === "POST" && parts.length > 2 && !last.endsWith("s")) return last + things.slice(0, -1).join("");
  const isList = method === "GET" && last.endsWith("s");
  return `${isList ? "list" : verbs[method]}${things.join("")}`;
}

const verbs = { GET: "get", POST: "create", PATCH: "update", DELETE: "delete" } as const;
const singular = (name: string): string => name.replace(/ies$/, "y").replace(/s$/, "");
const capitalized = (name: string): string => name.replaceAll(/(?:^|[-._])(\w)/g, (_, letter: string) => letter.toUpperCase());

function tagOf({ path }: Route): string {
  const name = path.split("/")[2]!;
  return name.charAt(0).toUpperCase() + name.slice(1).replaceAll(/[-.]/g, " ");
}

function securityOf({ access }: Route): JsonSchema[] {
  if (access === "public") return [];
  return [access === "admin" ? { adminKey: [] } : { merchantKey: [access] }];
}

function pathParameters({ path }: Route): JsonSchema[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  return names.map((name) => ({ name, in: "path", required: true, schema: { type: "string", minLength: 1, maxLength: 255 } }));
}

// What the gates and the pipeline read of the headers follows from what a route says of its answers.
function headersOf({ doc }: Route): z.ZodType {
  const movesMoney = doc.problems.includes("idempotency_key_required");
  const mayWait = movesMoney && 201 in doc.answers && 202 in doc.answers;
  return z.object({
    ...(movesMoney ? { "Idempotency-Key": idempotencyKey } : {}),
    ...(mayWait ? { Prefer: prefer } : {}),
    ...(304 in doc.answers ? { "If-None-Match": ifNoneMatch } : {}),
  });
}

const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$/)
  .describe("1 to 255 printable ASCII characters, new for each thing that is to be done once, and the same in every repeat of it.")
  .meta({ example: "order-17" });
const prefer = z
  .string()
  .describe("`wait=n`: answer once the outcome is known, or after n seconds, at most 30.")
  .meta({ example: "wait=10" })
  .optional();
const ifNoneMatch = z.string().describe("The ETag of what you have: 304 while it is the newest.").optional();

function answersOf({ doc }: Route, schemas: Schemas): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(doc.answers).map(([status, { description, body, otherTypes = [] }]) => {
      const others = otherTypes.map((type) => [type, { schema: { type: "string" } }]);
      const json = body ? [["application/json", { schema: schemas.of(body, "output") }]] : [];
      const content = Object.fromEntries([...json, ...others]);
      const headers = { "Request-Id": { $ref: "#/components/headers/Request-Id" } };
      return [status, { description, headers, ...(Object.keys(content).length > 0 ? { content } : {}) }];
    }),
  );
}
