import type { Problem } from "../../../crds/parse-payment-system.ts";
import type { Answer } from "./definition-server.ts";

type Cause = { reason: string; field: string; message: string };

/** What the API server found wrong by rules; `undefined` if the object is misshapen, which it tells in its own words. */
export function brokenRules({ body }: Answer): Problem[] | undefined {
  const causes: Cause[] = body.details?.causes ?? [];
  if (body.status === "Failure" && causes.length === 0) throw new Error(`refused, but not by the schema: ${body.message}`);
  if (causes.some(({ message }) => message.includes("some validation rules were not checked"))) return undefined;
  return causes.map(({ field, message }) => ({
    path: field,
    message: message.replace(/^Invalid value: ("(object|string|array)": |"[^"]*": )?/, ""),
  }));
}

/** In one order, because each has its own. */
export const sorted = (problems: readonly Problem[]): Problem[] =>
  problems.toSorted((a, b) => (a.path + a.message < b.path + b.message ? -1 : 1));
