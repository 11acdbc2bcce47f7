import { stringify } from "yaml";
import { type Schema, valuesSchema } from "./values-schema.ts";

const width = 118;
const head = "# Made from charts/*.ts by `npm run generate`. Change those.\n";

/** values.yaml: each value with its default, and above it what it means. */
export const valuesYaml = (): string => `${head}${linesOf(valuesSchema(), "").join("\n")}\n`;

function linesOf({ properties = {} }: Schema, indent: string): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const says = comment(schema.description ?? "", indent);
    if (isGroup(schema)) return [...gap(indent), ...says, `${indent}${name}:`, ...linesOf(schema, `${indent}  `)];
    if (schema.default === undefined) return [];
    const [first = "", ...more] = stringify({ [name]: schema.default }, { lineWidth: 0 })
      .trimEnd()
      .split("\n");
    return [...gap(indent), ...says, `${indent}${first}`, ...more.map((line) => `${indent}${line}`)];
  });
}

/** Whether its parts are said one by one. */
export const isGroup = ({ properties }: Schema): boolean => properties !== undefined && Object.keys(properties).length > 0;

const gap = (indent: string): string[] => (indent === "" ? [""] : []);

function comment(text: string, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || `${last} ${word}`.length > width - indent.length) lines.push(`${indent}# ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
