import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { compileOnly, type MigrateEnv, nodeEnv, nodeFlags, probes } from "../../workloads/contract.ts";
import type { LocalProcess } from "./desired.ts";
import type { ProcessSpec } from "./supervise.ts";

/** The entry point of the image, of which a role is the first argument. */
const entryPoint = join(import.meta.dirname, "../../workloads/main.ts");
const probeMs = 2_000;
const migrateMs = 120_000;
const compileMs = 60_000;

export type WorkloadOptions = {
  /** Where Node keeps the modules that it compiled: the second start takes half the time. */
  readonly cache: string;
  readonly path: string;
};

/** How a process of ours is run here: by the Node that runs us, ended by SIGTERM, ready when its `/readyz` says so. */
export function workload(one: LocalProcess, { cache, path }: WorkloadOptions): ProcessSpec {
  return {
    name: one.name,
    command: process.execPath,
    args: [...nodeFlags, entryPoint, one.role],
    env: { ...one.env, ...runtimeEnv(cache, path) },
    leash: "channel",
    stopSignal: "SIGTERM",
    ready: () => probe(`http://127.0.0.1:${one.managementPort}${probes.ready}`),
  };
}

/** Fills the cache, so that no process keeps what compiling takes. Only a help: whatever goes wrong with it, a process tells for itself. */
export async function compile({ cache, path }: WorkloadOptions): Promise<void> {
  const args = [...nodeFlags, entryPoint, compileOnly];
  await promisify(execFile)(process.execPath, args, { env: runtimeEnv(cache, path), timeout: compileMs, killSignal: "SIGKILL" }).catch(
    () => {},
  );
}

/** Runs the migration to its end, and returns what it said. Throws, with that as `stderr` and `stdout`, when it fails. */
export async function migrate(env: MigrateEnv, { cache, path }: WorkloadOptions): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...nodeFlags, entryPoint, "migrate"], {
    env: { ...env, MANAGEMENT_PORT: "0", HOST: "127.0.0.1", ...runtimeEnv(cache, path) },
    timeout: migrateMs,
    killSignal: "SIGKILL",
  });
  return stdout + stderr;
}

export async function probe(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(probeMs) });
  await answer.body?.cancel();
  return answer.ok;
}

const runtimeEnv = (cache: string, path: string) => ({ PATH: path, TZ: "UTC", NODE_COMPILE_CACHE: cache, ...nodeEnv });
