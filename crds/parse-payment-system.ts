import { parseDocument } from "yaml";
import type { z } from "zod";
import { apiVersion, kind, type PaymentSystem, paymentSystem } from "./payment-system.ts";

/** What is wrong, and where: `spec.workers[0].replicas.max`; the empty path is the whole document. */
export type Problem = { readonly path: string; readonly message: string };

/** Every problem found, in the order of the document. */
export type Parsed = { readonly system: PaymentSystem } | { readonly problems: readonly Problem[] };

/** Reads a PaymentSystem from YAML (or JSON, which is YAML) or from an object, and fills in every default. */
export function parsePaymentSystem(source: string | object): Parsed {
  const document = typeof source === "string" ? fromYaml(source) : { value: source };
  if ("problems" in document) return document;
  const wrongKind = kindProblem(document.value);
  if (wrongKind) return { problems: [wrongKind] }; // of another resource, every other message would only confuse
  const result = paymentSystem.safeParse(document.value, { reportInput: true });
  if (result.success) return { system: result.data };
  return { problems: result.error.issues.map(problemOf) };
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
      return `must be ${issue.minimum} or more${issue.origin === "array" ? " items" : ""}`;
    case "too_big":
      return `must be ${issue.maximum} or less${issue.origin === "array" ? " items" : ""}`;
    default:
      return issue.message;
  }
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.map((part, i) => (typeof part === "number" ? `[${part}]` : `${i > 0 ? "." : ""}${String(part)}`)).join("");
}

const shown = (value: unknown): string => (value === undefined ? "missing" : JSON.stringify(value).slice(0, 60));
