/** Takes out of a text what must not stand in a log: card numbers, secret keys, and the password of a URL. JSON stays JSON. */
export function redactText(text: string): string {
  return text
    .replace(digitRuns, (run, offset: number) => (cardLike(run) ? maskOf(text, offset, run.length) : run))
    .replace(secretKeys, "$1_…")
    .replace(urlPasswords, "://$1:…@");
}

/** A copy without the values of fields that are named like a secret; of errors only type, message, stack, code and cause remain. */
export function redactFields(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (depth === maxDepth) return "[deeper than is logged]";
  if (value instanceof Error) return errorFields(value, depth);
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => redactFields(item, depth + 1));
  const fields = Object.entries(value).slice(0, maxItems);
  return Object.fromEntries(fields.map(([name, field]) => [name, secretNames.test(name) ? "[redacted]" : redactFields(field, depth + 1)]));
}

/** The check digit that all card numbers have. Only digits may be given. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

// A line has at most this much of one object: a log is no place to keep one.
const maxDepth = 6;
const maxItems = 50;

const secretNames = /authorization|cookie|token|secret|password|^database_?url$|^metadata$/i;
const secretKeys = /\b([sra]k_(?:test|live))_\w+/g;
const urlPasswords = /:\/\/([^\s:/@"]*):[^\s/@"]+@/g;
const digitRuns = /\d(?:[ -]?\d){12,}/g;

// Here every window is tried, of any issuer: a number masked for nothing costs little.
function cardLike(run: string): boolean {
  const groups = run.split(/[ -]/);
  return groups.some((_, from) => {
    let digits = "";
    for (const group of groups.slice(from, from + 19)) {
      digits += group;
      if (digits.length >= 13 && digits.length <= 19 && passesLuhn(digits)) return true;
    }
    return false;
  });
}

// A bare JSON number must stay a number, or the line could not be read by machines any more.
function maskOf(text: string, offset: number, length: number): string {
  const isNumber = /[:,[]/.test(text[offset - 1] ?? "") && /[,}\]]/.test(text[offset + length] ?? "");
  return isNumber ? "0" : "[card number]";
}

function errorFields(error: Error, depth: number): Record<string, unknown> {
  const { name: type, message, stack, cause } = error;
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  return { type, message, stack, ...code, ...(cause === undefined ? {} : { cause: redactFields(cause, depth + 1) }) };
}
