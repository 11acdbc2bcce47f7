import type { Finding } from "./finding.ts";

/** The first that is wrong; else the first that is not there yet. */
export function worst(findings: readonly Finding[]): Finding | undefined {
  for (const state of ["stuck", "failing", "working"] as const) {
    const found = findings.find((one) => one.state === state);
    if (found) return found;
  }
  return undefined;
}
