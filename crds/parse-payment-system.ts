import { parseDocument } from "yaml";
import type { z } from "zod";
import { apiVersion, kind, type PaymentSystem, paymentSystem } from "./payment-system.ts";

/** What is wrong, and where: `spec.workers[0].replicas.max`; the empty path is the whole document. */
export type Problem = { readonly path: string; readonly message: string };

/** Every problem found, in the order of the document. */
export type Parsed = { readonly system: PaymentSystem } | { readonly problems: readonly Problem[] };

type Options = { readonly unknownFields?: "refuse" | "pass over" };

/**
 * Reads a PaymentSystem from YAML (or JSON, which is YAML) or from an object, and fills in every default. As an API server does, it takes
 * an empty field (`api:`) for one that is left out, and reads no status.
 */
export function parsePaymentSystem(source: string | object, { unknownFields = "refuse" }: Options = {}): Parsed {
  const document = typeof source === "string" ? fromYaml(source) : { value: source };
  if ("problems" in document) return document;
  const wrongKind = kindProblem(document.value);
  if (wrongKind) return { problems: [wrongKind] }; // of another resource, every other message would only confuse
  const { status, ...written } = withoutNulls(document.value) as Record<string, unknown>;
  let result = paymentSystem.safeParse(written, { reportInput: true });
  if (unknownFields === "pass over" && result.error) {
    for (const issue of result.error.issues) removeUnknown(written, issue);
    result = paymentSystem.safeParse(written, { reportInput: true });
  }
  if (result.success) return { system: result.data };
  return { problems: result.error.issues.map(problemOf) };
}

function removeUnknown(written: object, issue: z.core.$ZodIssue): void {
  if (issue.code !== "unrecognized_keys") return;
  const holder = issue.path.reduce<object>((value, key) => Reflect.get(value, key), written);
  for (const key of issue.keys) Reflect.deleteProperty(holder, key);
}

function fromYaml(text: string): { value: unknown } | { problems: Problem[] } {
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    // The rest of yaml's message is a drawing of the line.
    return {
      problems: document.errors.map((error) => ({ path: "", message: `not YAML: ${error.message.split("\n")[0]!.replace(/:$/, "")}` })),
    };
  }
  try {
    return { value: document.toJS() };
  } catch (error) {
    return { problems: [{ path: "", message: `not YAML that can be read: ${(error as Error).message}` }] }; // an alias bomb
  }
}

function kindProblem(value: unknown): Problem | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { path: "", message: `must be a resource with apiVersion: ${apiVersion} and kind: ${kind}` };
  }
  const found = value as { apiVersion?: unknown; kind?: unknown };
  if (found.kind !== kind) return { path: "kind", message: `must be ${kind}, not ${shown(found.kind)}` };
  if (found.apiVersion !== apiVersion) return { path: "apiVersion", message: `must be ${apiVersion}, not ${shown(found.apiVersion)}` };
  return undefined;
}

// In lists they stay, and are refused: there, left out would mean another place for the rest.
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, field]) => (field === null ? [] : [[key, withoutNulls(field)]])));
}

function problemOf(issue: z.core.$ZodIssue): Problem {
  return { path: pathOf(issue.path), message: messageOf(issue) };
}

function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "unrecognized_keys":
      return `has no field ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}: check the spelling, or take it out`;
    case "invalid_value":
      return `must be ${issue.values.map(String).join(" or ")}`;
    case "invalid_type":
      return `must be ${issue.expected === "int" ? "a whole number" : `of type ${issue.expected}`}${issue.input === undefined ? " and is missing" : ""}`;
    case "too_small":
      return `must be ${issue.minimum} or more${units(issue.origin)}`;
    case "too_big":
      return `must be ${issue.maximum} or less${units(issue.origin)}`;
    default:
      return issue.message;
  }
}

const units = (origin: string): string => (origin === "array" ? " items" : origin === "string" ? " characters" : "");

function pathOf(path: readonly PropertyKey[]): string {
  return path.map((part, i) => (typeof part === "number" ? `[${part}]` : `${i > 0 ? "." : ""}${String(part)}`)).join("");
}

const shown = (value: unknown): string => (value === undefined ? "missing" : JSON.stringify(value).slice(0, 60));
