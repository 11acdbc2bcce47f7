import type { z } from "zod";
import { type Fault, Refusal } from "./problem.ts";

/** What a schema makes of what a client sent, or a refusal that names every fault. The schema's messages say what a field must be. */
export function validated<S extends z.ZodType>(schema: S, sent: object): z.output<S> {
  const read = schema.safeParse(sent);
  if (read.success) return read.data;
  const faults = read.error.issues
    .slice(0, maxFaults)
    .flatMap((issue) => faultsOf(issue, sent))
    .slice(0, maxFaults);
  throw new Refusal(faults[0]!, { faults });
}

const maxFaults = 20;

function faultsOf(issue: z.core.$ZodIssue, sent: object): Fault[] {
  const param = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const unknown = [...issue.path, key].join(".").slice(0, 100);
      return {
        code: "parameter_unknown",
        detail: `There is no field ${unknown}. Check its spelling, or put it into metadata.`,
        param: unknown,
      };
    });
  }
  const missing =
    issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], sent) === undefined;
  if (missing) return [{ code: "parameter_missing", detail: `${param} is missing: it must be ${issue.message}.`, param }];
  return [{ code: "parameter_invalid", detail: `${param} must be ${issue.message}.`, param }];
}
