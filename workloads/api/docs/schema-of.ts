import { z } from "zod";

export type JsonSchema = { readonly [keyword: string]: unknown };

/** Schemas of one document: those that have an `id` in their meta stand once, under `components`, and are referred to. */
export class Schemas {
  readonly components: Record<string, JsonSchema> = {};

  /** What may be sent (`input`: what has a default may be left out), or what is answered. */
  of(schema: z.ZodType, io: "input" | "output"): JsonSchema {
    const { $defs = {}, $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any", override: readable }) as Defining;
    for (const [name, definition] of Object.entries($defs)) this.components[name] = pointed(definition);
    return pointed(rest);
  }

  /** An object schema as the parameters of a request, a property a parameter. */
  parameters(schema: z.ZodType, place: "query" | "header"): JsonSchema[] {
    const { properties = {}, required = [] } = this.of(schema, "input") as { properties?: Record<string, JsonSchema>; required?: string[] };
    return Object.entries(properties).map(([name, { description, ...rest }]) => ({
      name,
      in: place,
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    }));
  }
}

type Defining = JsonSchema & { readonly $defs?: Record<string, JsonSchema> };

// zod writes the pattern of a time beside its format: two hundred characters that say nothing more. And what is bounded only by what a
// number can hold is not bounded to a reader.
function readable({ jsonSchema }: { jsonSchema: Record<string, unknown> }): void {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (typeof jsonSchema.id === "string") delete jsonSchema.id;
}

// JSON Schema keeps definitions in the schema, OpenAPI in the document.
function pointed(value: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
