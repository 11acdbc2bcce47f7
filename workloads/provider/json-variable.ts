import { z } from "zod";

/** A variable that holds JSON, described by an example. Its errors never quote it, for it may hold secrets. */
export function jsonVariable(what: string) {
  return z.string({ error: what }).transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: what });
      return z.NEVER;
    }
  });
}
