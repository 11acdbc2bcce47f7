import type { z } from "zod";

/**
 * What must hold, said twice side by side: in CEL for the API server, in TypeScript for local mode and for reconcile, which also meets
 * objects that are older than a rule. Both give the same message.
 */
export type Rule<T> = {
  /** `self` is the value. */
  readonly cel: string;
  readonly holds: (self: T) => boolean;
  /** Stands behind a path, and says what to do: "is below min: raise max or lower min". */
  readonly message: string;
  /** The field of `self` that the message is about; left out: `self`. */
  readonly field?: string;
};

/** The key under which a schema of the API server holds its rules. */
export const validations = "x-kubernetes-validations";

/** One entry under `validations`. */
export type Validation = { readonly rule: string; readonly message: string; readonly fieldPath?: string };

/** The schema with rules. As on the API server, every rule is tried, whichever others are broken. */
export function ruled<S extends z.ZodType>(schema: S, ...rules: readonly Rule<z.output<S>>[]): S {
  return schema
    .check(({ value, issues }) => {
      for (const { holds, message, field } of rules) {
        if (!holds(value)) issues.push({ code: "custom", input: value, message, path: field ? [field] : [], continue: true });
      }
    })
    .meta({ [validations]: rules.map(validationOf) });
}

export const validationOf = ({ cel, message, field }: Pick<Rule<never>, "cel" | "message" | "field">): Validation => ({
  rule: cel,
  message,
  ...(field && { fieldPath: `.${field}` }),
});

/** A pattern in CEL; it has neither quotes nor backslashes. */
export const quoted = (pattern: RegExp): string => `'${pattern.source.replaceAll("\\/", "/")}'`;
