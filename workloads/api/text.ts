import { z } from "zod";

/** Text that people read, of 1 to `max` characters, as Postgres can keep it. */
export function text(max: number) {
  const error = `text of 1 to ${max} characters`;
  return z
    .string({ error })
    .min(1, { error })
    .max(max, { error })
    .refine(isStorable, { error: "text without NUL characters and lone surrogates" });
}

/** Postgres has no NUL in text, and a lone surrogate has no UTF-8. */
export function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}
