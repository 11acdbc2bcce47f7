import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./folders.ts";
import { say } from "./progress.ts";

/**
 * Holds the lock `name` among all processes of this user until disposed. The kernel holds it for a child whose input
 * we keep open, so a run that is killed on any line lets go of it at once, and no stale lock can exist.
 */
export async function lock(name: string): Promise<AsyncDisposable> {
  const folder = join(cacheFolder, "locks");
  mkdirSync(folder, { recursive: true });
  const holder = spawn("flock", [join(folder, name.replaceAll("/", "-")), "sh", "-c", "echo held; exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => holder.once("close", () => resolve()));
  const patience = setTimeout(() => say(`waiting for another run that holds "${name}" …`), 1000);
  await new Promise<void>((resolve, reject) => {
    holder.once("error", reject);
    holder.once("close", (code) => reject(new Error(`flock ended with ${code} before it had "${name}"`)));
    holder.stdout.once("data", () => resolve());
  }).finally(() => clearTimeout(patience));
  return {
    async [Symbol.asyncDispose]() {
      holder.stdin.end();
      await ended;
    },
  };
}
