import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

/** On what the figures are measured, and what else it does just now. */
export function machine(): { cores: string; load: string } {
  const model = cpus()[0]?.model ?? "unknown processor";
  const load = readFileSync("/proc/loadavg", "utf8").split(" ")[0];
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return { cores: `${cpus().length} cores (${model}), ${memory}, Node ${process.versions.node}`, load: `load ${load} before` };
}
