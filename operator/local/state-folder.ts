import { randomUUID } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { Refusal } from "./refusal.ts";
import { readRun, runningIn } from "./run-file.ts";

/** Where a local system keeps everything that it must find again: `.satang/`. */
export type StateFolder = {
  readonly path: string;
  /** Names this state, also where parts of it must be kept elsewhere. */
  readonly id: string;
  readonly logs: string;
  readonly cache: string;
  /** Thrown away at the end. */
  readonly ephemeral: boolean;
};

/** Raised when what is in the folder changes its meaning, so that a later version can tell what it finds. */
const stateVersion = 1;
const stateFile = "state.json";
/** A server that runs as another user must get through to its own folder in it; the files in it are their owner's alone. */
const folderMode = 0o711;
const ephemeralPrefix = "satang-ephemeral-";

/** Opens a state folder, or makes one in a folder that is there. Refuses what is not ours, what we cannot use, and what a newer version wrote. */
export function openState(path: string): StateFolder {
  const way = `choose another folder by --state, or move this one away: mv ${path} ${path}.old`;
  const entries = entriesIn(path);
  const file = join(path, stateFile);
  if (entries.length === 0) writeFileSync(file, `${JSON.stringify({ version: stateVersion, id: randomUUID() })}\n`, { mode: 0o600 });
  else if (!entries.includes(stateFile)) throw new Refusal(`${path} holds something else, it has no ${stateFile} of ours: ${way}`);
  const state = stateIn(file);
  if (!state) throw new Refusal(`${file} is broken: ${way}`);
  if (state.version > stateVersion)
    throw new Refusal(`${path} was written by a newer Satang (state ${state.version}, this one knows ${stateVersion}): ${way}`);
  return layout(path, state.id, false);
}

function entriesIn(path: string): string[] {
  try {
    if (!existsSync(path)) {
      mkdirSync(path); // not `recursive`: a slip of the finger would make a tree, and under /proc Node would try for ever
      chmodSync(path, folderMode); // whatever the umask
    }
    const entries = readdirSync(path);
    accessSync(path, constants.W_OK | constants.X_OK);
    return entries;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why = code === "ENOENT" ? "the folder that it should be in is not there" : code === "ENOTDIR" ? "it is not a folder" : code;
    throw new Refusal(`cannot use ${path} as the state folder (${why}): choose another by --state`, { cause });
  }
}

/** A state folder that lives as long as the run; what earlier runs could not take away is taken away now. */
export function ephemeralState(): StateFolder {
  for (const name of readdirSync(tmpdir()).filter((name) => name.startsWith(ephemeralPrefix))) {
    const left = join(tmpdir(), name);
    if (readRun(left) && !runningIn(left)) rmSync(left, { recursive: true, force: true });
  }
  const path = mkdtempSync(join(tmpdir(), ephemeralPrefix));
  chmodSync(path, folderMode);
  const opened = openState(path);
  return { ...opened, ephemeral: true };
}

function layout(path: string, id: string, ephemeral: boolean): StateFolder {
  const logs = join(path, "logs");
  const cache = join(path, "cache");
  for (const folder of [logs, cache]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return { path, id, logs, cache, ephemeral };
}

const stateSchema = z.object({ version: z.int().min(1), id: z.uuid() });

function stateIn(file: string): z.output<typeof stateSchema> | undefined {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}
