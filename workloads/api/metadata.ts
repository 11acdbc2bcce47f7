import { z } from "zod";
import { isStorable } from "./text.ts";

const metadataMeta = {
  type: "object",
  description: "Yours: at most 20 keys of 1 to 40 characters, with strings of at most 500.",
  maxProperties: 20,
  propertyNames: { minLength: 1, maxLength: 40, not: { const: "__proto__" } },
  additionalProperties: { type: "string", maxLength: 500 },
};

/** What a merchant may keep with a thing of his: texts by name. Not a zod record: that passes over a key `__proto__` in silence. */
export const metadata = z.unknown().check(checkMetadata).meta(metadataMeta);

const maxKeys = 20;
const maxKeyLength = 40;
const maxValueLength = 500;

function checkMetadata({ value, issues }: z.core.ParsePayload): void {
  for (const { message, path } of metadataFaults(value)) issues.push({ code: "custom", input: value, message, path });
}

function metadataFaults(value: unknown): { message: string; path: string[] }[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object" || Array.isArray(value)) return [{ message: "an object of strings", path: [] }];
  const entries = Object.entries(value);
  if (entries.length > maxKeys) return [{ message: `an object of at most ${maxKeys} keys`, path: [] }];
  return entries.flatMap(([key, text]) => {
    if (key === "" || key.length > maxKeyLength || key === "__proto__" || !isStorable(key))
      return [{ message: `an object whose keys have 1 to ${maxKeyLength} characters and are not __proto__`, path: [] }];
    if (typeof text !== "string" || text.length > maxValueLength)
      return [{ message: `a string of at most ${maxValueLength} characters`, path: [key] }];
    return isStorable(text) ? [] : [{ message: "text without NUL characters and lone surrogates", path: [key] }];
  });
}
