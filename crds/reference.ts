import { customResourceDefinition } from "./definition.ts";
import { type Validation, validations } from "./rule.ts";
import type { StructuralSchema } from "./structural-schema.ts";

type Field = { readonly path: string; readonly schema: StructuralSchema };

const intro = `# The custom resource

<!-- Made from the schemas in crds/ by \`npm run generate\`. Change those. -->

What you write in a \`PaymentSystem\`, and what the operator tells about it. Every field of the spec has a default or may be left out, and
\`spec: {}\` is a small working system:

\`\`\`yaml
apiVersion: satang.dev/v1alpha1
kind: PaymentSystem
metadata: {name: shop}
spec: {}
\`\`\`

\`kubectl explain psys.spec\` says the same as this page. \`kubectl get psys\` shows how each is (\`-o wide\`: more), \`kubectl get satang\` all
that belongs to Satang. What breaks a rule is refused by \`kubectl apply\`, by \`npm start -- --file\`, and by the operator if it is there already.
`;

/** \`docs/custom-resource.md\`: every field with its type, default, bounds and meaning, and every rule with what it says. */
export function reference(): string {
  const [version] = customResourceDefinition().spec.versions;
  const root = version!.schema.openAPIV3Schema;
  const spec = fieldsOf("spec", root.properties!.spec!);
  const status = fieldsOf("status", root.properties!.status!);
  const ruled = [{ path: "", schema: root }, { path: "spec", schema: root.properties!.spec! }, ...spec];
  const columns = version!.additionalPrinterColumns.map((column) => [
    column.name,
    `\`${column.jsonPath}\``,
    "priority" in column ? "-o wide" : "",
  ]);
  return [
    intro,
    `## Spec\n\n${table(["field", "type", "default", "meaning"], spec.map(specRow))}`,
    `## Rules\n\nBeside types and bounds:\n\n${table(["where", "what it says when it is broken"], ruled.flatMap(ruleRows))}`,
    `## Status\n\n${table(
      ["field", "type", "meaning"],
      status.map(({ path, schema }) => [`\`${path}\``, typeOf(schema), textOf(schema)]),
    )}`,
    `## Columns of \`kubectl get psys\`\n\n${table(["column", "shows", "only with"], columns)}`,
  ].join("\n");
}

function fieldsOf(path: string, schema: StructuralSchema): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const below = `${path}.${name}`;
    return [{ path: below, schema: field }, ...fieldsOf(below, field), ...fieldsOf(`${below}[]`, field.items ?? {})];
  });
}

const specRow = ({ path, schema }: Field): string[] => [`\`${path}\``, typeOf(schema), defaultOf(schema), textOf(schema)];

// What a text must look like stands with its field.
function ruleRows({ path, schema }: Field): string[][] {
  const own = schema.type === "string" ? [] : rulesOf(schema).map(({ message, fieldPath = "" }) => [`${path}${fieldPath}`, message]);
  const ofItems = schema.items?.type === "object" ? ruleRows({ path: `${path}[]`, schema: schema.items }) : [];
  return [...own.map(([where, message]) => [`\`${where!.replace(/^\./, "")}\``, escaped(message!)]), ...ofItems];
}

const rulesOf = (schema: StructuralSchema): Validation[] => (schema[validations] ?? []) as Validation[];

function typeOf(schema: StructuralSchema): string {
  const [format] = rulesOf(schema);
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(", ");
  if (schema.type === "integer")
    return (schema.maximum as number) >= 2 ** 31 - 1 ? "whole number" : `${schema.minimum} to ${schema.maximum}`;
  if (schema.type === "array") return `list of ${schema.minItems ? `${schema.minItems} to` : "at most"} ${schema.maxItems}`;
  if (schema.additionalProperties) return `map of at most ${schema.maxProperties}`;
  if (schema.type === "string" && format) return escaped(format.message.replace(/^must (be )?/, ""));
  return schema.type ?? "";
}

// A whole object's default is that of its fields.
function defaultOf({ default: value, properties, items }: StructuralSchema): string {
  if (value === undefined || properties) return "";
  const needed = (item: object) => Object.fromEntries(Object.entries(item).filter(([name]) => items?.required?.includes(name)));
  return `\`${JSON.stringify(items?.properties ? (value as object[]).map(needed) : value)}\``;
}

const textOf = (schema: StructuralSchema): string => escaped(schema.description ?? "");

const escaped = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${[head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}
