import { z } from "zod";

/** A schema of OpenAPI as the API server takes it in a CustomResourceDefinition ("structural"). */
export type StructuralSchema = {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: { readonly [name: string]: StructuralSchema };
  readonly required?: readonly string[];
  readonly items?: StructuralSchema;
  readonly additionalProperties?: StructuralSchema;
  readonly [keyword: string]: unknown;
};

/** A zod schema as the API server takes it. `io: "input"` is what a user may write, with defaults. */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  return structural(z.toJSONSchema(schema, { io: "input" }) as StructuralSchema);
}

// Unknown fields: it refuses or drops them by itself. Names of a map's entries, examples and the dialect: it has no words for them.
const unknownToIt = new Set(["$schema", "additionalProperties", "propertyNames", "examples"]);

function structural(schema: StructuralSchema): StructuralSchema {
  const { properties, items, additionalProperties } = schema;
  return {
    ...Object.fromEntries(Object.entries(schema).filter(([keyword]) => !unknownToIt.has(keyword))),
    ...(properties && { properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, structural(field)])) }),
    ...(items && { items: structural(items) }),
    ...(isSchema(additionalProperties) && { additionalProperties: structural(additionalProperties) }),
    ...("default" in schema && { default: filledIn(schema, schema.default) }),
  };
}

// The API server would fill in `default: {}` too, but tries the rules on a default as it is written.
function filledIn(schema: StructuralSchema, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => filledIn(schema.items ?? {}, item));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const given = (value as Record<string, unknown>)[name] ?? field.default;
    return given === undefined ? [] : [[name, filledIn(field, given)]];
  });
  return { ...value, ...Object.fromEntries(fields) };
}

const isSchema = (value: unknown): value is StructuralSchema =>
  typeof value === "object" && value !== null && Object.keys(value).length > 0;
