import { setTimeout as sleep } from "node:timers/promises";
import type { OperatorProcess } from "./operator-process.ts";

/** The least of several looks: garbage that is not collected yet is not what is needed. */
export async function residentBytes(operator: OperatorProcess): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let looks = 0; looks < 10; looks++) {
    least = Math.min(least, (await operator.metric("process_resident_memory_bytes")) ?? Number.POSITIVE_INFINITY);
    await sleep(1000);
  }
  return least;
}
