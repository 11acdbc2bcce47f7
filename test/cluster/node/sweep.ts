import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { nodesFolder } from "../build/folders.ts";
import { eventually } from "../eventually.ts";
import { removeCgroups } from "./cgroups.ts";
import { birthOf, living } from "./owner.ts";

/** Removes every node whose run has ended without doing so. Nodes of runs that live are left alone. */
export async function sweep(): Promise<void> {
  for (const id of nodes()) if (!living(join(nodesFolder, id), "owner")) await removeNode(id);
}

/** Removes every node of this user, also those that somebody uses, and returns their names. */
export async function removeAllNodes(): Promise<string[]> {
  const ids = nodes();
  for (const id of ids) await removeNode(id);
  return ids;
}

export const nodes = (): string[] => (existsSync(nodesFolder) ? readdirSync(nodesFolder) : []);

/** Ends what lives of the node, then removes its cgroups and its folder. May be done again after it was interrupted, and by two at once. */
export async function removeNode(id: string): Promise<void> {
  const folder = join(nodesFolder, id);
  const first = living(folder, "first-process");
  if (first) {
    kill(first.pid); // the kernel kills all others in its namespaces, and unmounts what is mounted in them
    await eventually(() => gone(first.pid, first.birth), { withinSeconds: 30, everyMs: 20 });
  }
  await removeCgroups(id);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {} // another sweep was first
}

function gone(pid: number, birth: string): void {
  if (birthOf(pid) === birth) throw new Error(`process ${pid} has not ended 30 s after SIGKILL`);
}
