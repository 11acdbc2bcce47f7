import { mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodesFolder } from "../build/folders.ts";

/** A process, told apart from a later one of the same number by when it was born. */
export interface Process {
  pid: number;
  birth: string;
}

/** When the process was started, in ticks since the machine was; undefined if there is none. */
export function birthOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // a name may hold spaces and brackets
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Makes the folder of a node that is ours. It appears with its owner's name in it, so no sweep of another run takes it for abandoned. */
export function claimFolder(id: string): string {
  const folder = join(nodesFolder, id);
  mkdirSync(nodesFolder, { recursive: true, mode: 0o700 });
  const unclaimed = mkdtempSync(`${nodesFolder}-`);
  writeFileSync(join(unclaimed, "owner"), JSON.stringify({ pid: process.pid, birth: birthOf(process.pid) }));
  renameSync(unclaimed, folder);
  return folder;
}

/** The process that the file in a node's folder names, if it still lives. */
export function living(folder: string, file: "owner" | "first-process"): Process | undefined {
  try {
    const process = JSON.parse(readFileSync(join(folder, file), "utf8")) as Process;
    return birthOf(process.pid) === process.birth ? process : undefined;
  } catch {
    return undefined; // the run died before it wrote the file
  }
}
