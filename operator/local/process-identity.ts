import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What is so of one process only, also after its pid was given to another; `undefined` when no such process runs. */
export function identityOf(pid: number): string | undefined {
  return process.platform === "linux" ? fromProc(pid) : fromPs(pid);
}

/** Whether this very process still runs. */
export function isRunning(found: { pid: number; identity: string }): boolean {
  return identityOf(found.pid) === found.identity;
}

function fromProc(pid: number): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  // The second field is the command in parentheses, which may hold spaces and parentheses itself.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (!fields || fields[0] === "Z") return undefined; // a zombie has ended, only nobody asked how
  const startedTicks = fields[19];
  return `${textOf("/proc/sys/kernel/random/boot_id")?.trim()}/${startedTicks}`;
}

function fromPs(pid: number): string | undefined {
  try {
    return (
      execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim() ||
      undefined
    );
  } catch {
    return undefined; // ps says so by its exit code
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
