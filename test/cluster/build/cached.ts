import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./folders.ts";
import { lock } from "./lock.ts";

const kept = 4; // versions of a thing: enough for a few branches, and the cache stays bounded

/**
 * The folder that holds what `key` determines: made once by `make`, then only looked up. A folder under its
 * final name is whole: it is made under another name, under a lock, and renamed.
 */
export async function cached(name: string, key: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder, name, key);
  if (!existsSync(folder)) {
    await using _ = await lock(name);
    if (!existsSync(folder)) await build(folder, name, make); // the other run may have made it while we waited
  }
  const now = new Date();
  utimesSync(folder, now, now); // what is used stays
  return folder;
}

/** A short name for content: the same values give the same key. */
export function keyOf(...values: (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const value of values) hash.update(`${value.length}:`).update(value);
  return hash.digest("hex").slice(0, 16);
}

async function build(folder: string, name: string, make: (folder: string) => Promise<void>): Promise<void> {
  const unfinished = join(cacheFolder, name, "unfinished"); // we hold the lock: whoever left this is gone
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  await make(unfinished);
  renameSync(unfinished, folder);
  const versions = readdirSync(join(cacheFolder, name)).map((version) => join(cacheFolder, name, version));
  const old = versions.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs).slice(kept);
  for (const version of old) rmSync(version, { recursive: true, force: true });
}
