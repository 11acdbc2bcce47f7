import { type Arbitrary, boolean, constant, constantFrom, integer, oneof, record, uniqueArray } from "fast-check";
import { z } from "zod";
import { paymentSystem } from "../../crds/payment-system.ts";
import type { StructuralSchema } from "../../crds/structural-schema.ts";

/** Specs of the right shape, made from the schema, so that a new field is tried too. Three of four break a rule or hold a text that is no good. */
export const specs = (): Arbitrary<object> => anyOf(specSchema()) as Arbitrary<object>;

// With the examples, which the API server has no word for.
const specSchema = (): StructuralSchema => (z.toJSONSchema(paymentSystem, { io: "input" }) as StructuralSchema).properties!.spec!;

const orNot = (value: Arbitrary<unknown>): Arbitrary<unknown> =>
  oneof({ arbitrary: constant(undefined), weight: 10 }, { arbitrary: value, weight: 9 }, { arbitrary: constant(null), weight: 1 });

function anyOf(schema: StructuralSchema): Arbitrary<unknown> {
  const { properties, required = [], items, additionalProperties } = schema;
  if (schema.enum) return constantFrom(...schema.enum);
  if (properties) {
    // Mostly left out, for defaults to be filled in; sometimes null, which is the same.
    const fields = Object.entries(properties).map(([name, field]) => [name, required.includes(name) ? anyOf(field) : orNot(anyOf(field))]);
    return record(Object.fromEntries(fields)).map((object) => JSON.parse(JSON.stringify(object)));
  }
  if (items) {
    const selector = (item: unknown) => (items.properties?.name ? (item as { name: unknown }).name : item);
    return uniqueArray(anyOf(items), { minLength: (schema.minItems as number) ?? 0, maxLength: 3, selector });
  }
  if (additionalProperties) return constantFrom({}, ...(schema.examples as object[]));
  if (schema.type === "boolean") return boolean();
  if (schema.type === "integer") return integer({ min: schema.minimum as number, max: schema.maximum as number });
  if (schema.type === "string")
    return oneof({ arbitrary: constantFrom(...(schema.examples as string[])), weight: 30 }, constantFrom("", "A_b", "a.b", "9"));
  throw new Error(`no values for ${JSON.stringify(schema)}`);
}
