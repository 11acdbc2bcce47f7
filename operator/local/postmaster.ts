import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "./refusal.ts";

const fastMs = 10_000;
const immediateMs = 5_000;

/**
 * Ends a server that still runs on a data folder, and takes away the pid file of one that does not. Without the second a server
 * refuses to start when its old pid was given to another process since, as it happens after a restart of the machine or container.
 */
export async function endStalePostmaster(data: string): Promise<void> {
  const file = join(data, "postmaster.pid");
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  if (isPostmasterOf(pid, data)) {
    process.kill(pid, "SIGINT"); // fast
    if (!(await ended(pid, data, fastMs))) process.kill(pid, "SIGQUIT"); // immediate: the next start recovers
    if (!(await ended(pid, data, immediateMs)))
      throw new Refusal(`a Postgres (pid ${pid}) still runs on ${data} and does not end: kill -9 ${pid}`);
  }
  rmSync(file, { force: true });
}

async function ended(pid: number, data: string, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (isPostmasterOf(pid, data)) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}

function isPostmasterOf(pid: number, data: string): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return args.includes(data);
  } catch {
    return !existsSync("/proc"); // where nobody tells, a live pid in this file is taken for the server
  }
}
