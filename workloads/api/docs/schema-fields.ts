import type { OpenApi } from "./open-api.ts";
import type { JsonSchema } from "./schema-of.ts";

/** A field as a table of the reference has it; `name` is its path. */
export type Field = { readonly name: string; readonly type: string; readonly required: boolean; readonly note: string };

const deepest = 4;

/** The fields of an object, and of the objects in it, a row each. */
export function fieldsOf(schema: JsonSchema, document: OpenApi, prefix = ""): Field[] {
  if (prefix.split(".").length > deepest) return [];
  const { properties = {}, required = [] } = resolved(schema, document) as { properties?: Record<string, JsonSchema>; required?: string[] };
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = `${prefix}${name}`;
    const [value] = alternatives(property, document).filter(({ type }) => type !== "null");
    const inside = value?.type === "array" ? resolved(value.items as JsonSchema, document) : value;
    const field = { name: path, type: typeOf(property, document), required: required.includes(name), note: noteOf(property, value) };
    return [field, ...(inside ? fieldsOf(inside, document, `${path}${value?.type === "array" ? "[]" : ""}.`) : [])];
  });
}

function resolved(schema: JsonSchema, document: OpenApi): JsonSchema {
  const name = typeof schema.$ref === "string" ? schema.$ref.split("/").at(-1)! : undefined;
  const { schemas } = document.components as { schemas: Record<string, JsonSchema> };
  return name === undefined ? schema : { ...schemas[name], ...schema };
}

const alternatives = (schema: JsonSchema, document: OpenApi): JsonSchema[] =>
  ((schema.anyOf ?? schema.oneOf ?? [schema]) as JsonSchema[]).map((one) => resolved(one, document));

function typeOf(schema: JsonSchema, document: OpenApi): string {
  const types = alternatives(schema, document).map((one) => {
    if (one.const !== undefined) return JSON.stringify(one.const);
    if (Array.isArray(one.enum)) return one.enum.map((value) => JSON.stringify(value)).join(" | ");
    if (one.type === "array") return `list of ${typeOf(one.items as JsonSchema, document)}`;
    return String(one.format ?? [one.type ?? "anything"].flat().join(" | "));
  });
  return [...new Set(types)].join(" | ");
}

function noteOf(property: JsonSchema, value: JsonSchema = {}): string {
  const of = { ...value, ...property } as Record<string, string | number | undefined>;
  const bounds = [of.minimum !== undefined && `from ${of.minimum}`, of.maximum !== undefined && `to ${of.maximum}`].filter(Boolean);
  const length = of.maxLength === undefined ? undefined : `at most ${of.maxLength} characters`;
  const otherwise = of.default === undefined ? undefined : `default ${JSON.stringify(of.default)}`;
  return [of.description, bounds.join(" "), length, otherwise].filter(Boolean).join(" · ");
}
