import type { Metrics } from "./metrics.ts";

/** Counts each statement that the store sends: its time, its outcome, and how many rows travelled together. */
export function observeStatements(metrics: Metrics) {
  return ({ statement, rows, seconds, ok }: { statement: string; rows: number; seconds: number; ok: boolean }): void => {
    metrics.databaseOperationDuration.observe({ statement, outcome: ok ? "ok" : "error" }, seconds);
    metrics.batchRows.observe({ statement }, rows);
  };
}
