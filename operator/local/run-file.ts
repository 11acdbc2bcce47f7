import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { ReadyLine } from "./card.ts";
import { identityOf, isRunning } from "./process-identity.ts";

const running = z.object({ name: z.string(), pid: z.int().positive(), identity: z.string() });
const run = z.object({
  pid: z.int().positive(),
  identity: z.string(),
  /** What runs, so that it can be ended if we could not do it. */
  processes: z.array(running).max(1000),
  /** The card's contents, once there is one. */
  ready: z.custom<ReadyLine>((value) => value === undefined || typeof value === "object").optional(),
});

/** Who runs a state folder. */
export type Run = z.output<typeof run>;

/** `<state>/run.json`: there while a system runs in the folder, and left behind by one that was killed. */
export const runFile = (folder: string): string => join(folder, "run.json");

/** The run that lives in a folder now, if one does. */
export function runningIn(folder: string): Run | undefined {
  const found = readRun(folder);
  return found && isRunning(found) ? found : undefined;
}

/** The run that the folder's file tells of, alive or not. An unreadable file tells of none. */
export function readRun(folder: string): Run | undefined {
  return readRunFile(runFile(folder));
}

function readRunFile(file: string): Run | undefined {
  try {
    return run.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/**
 * Makes us the one who runs the folder, and hands over what a killed run left behind in it.
 * `undefined`: somebody else runs it. Of two that try at once, one gets it.
 */
export function takeRun(folder: string): { left: Run["processes"] } | undefined {
  if (runningIn(folder)) return undefined;
  const file = runFile(folder);
  const [mine, stale] = [`${file}.${process.pid}`, `${file}.${process.pid}.stale`];
  try {
    const left = setAside(file, stale);
    if (left === "alive") return undefined;
    writeFileSync(mine, contents({ processes: left }), { mode: 0o600 });
    linkSync(mine, file); // unlike a rename it fails when somebody was faster
    return { left };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  } finally {
    rmSync(mine, { force: true });
    rmSync(stale, { force: true });
  }
}

// Between our look and our move somebody may have replaced the stale file by his own: then it goes back.
function setAside(file: string, stale: string): Run["processes"] | "alive" {
  try {
    renameSync(file, stale);
  } catch {
    return []; // nobody ran here before
  }
  const found = readRunFile(stale);
  if (!found || !isRunning(found)) return found?.processes ?? [];
  linkSync(stale, file);
  return "alive";
}

/** Writes down what runs by now. Whole or not at all: a reader never sees half a file. */
export function writeRun(folder: string, what: Partial<Pick<Run, "processes" | "ready">>): void {
  const next = `${runFile(folder)}.next`;
  writeFileSync(next, contents(what), { mode: 0o600 });
  renameSync(next, runFile(folder));
}

export function releaseRun(folder: string): void {
  rmSync(runFile(folder), { force: true });
}

function contents(what: Partial<Pick<Run, "processes" | "ready">>): string {
  return `${JSON.stringify({ pid: process.pid, identity: identityOf(process.pid), processes: [], ...what })}\n`;
}
