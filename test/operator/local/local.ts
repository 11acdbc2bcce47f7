import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { ReadyLine } from "../../../operator/local/card.ts";
import { readRun } from "../../../operator/local/run-file.ts";

const entryPoint = join(import.meta.dirname, "../../../operator/local/main.ts");

/** A port for each start, so that tests that run at the same time do not race for the usual ones. */
const ownPort = (): string[] => ["--port", String(12_000 + Math.floor(Math.random() * 14_000))];

export type StartOptions = {
  readonly args?: readonly string[];
  readonly usualPorts?: boolean;
  readonly env?: Readonly<Record<string, string>>;
};
export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** `npm start` as a person would type it, with the state in `folder`; without one, `args` say where. */
export class Local implements AsyncDisposable {
  stdout = "";
  stderr = "";
  readonly folder: string | undefined;
  readonly ended: Promise<Ended>;
  #child: ChildProcess;

  constructor(folder: string | undefined, { args = [], env = {}, usualPorts = false }: StartOptions = {}) {
    this.folder = folder;
    this.#child = spawn(
      process.execPath,
      [entryPoint, ...(folder === undefined ? [] : ["--state", folder]), ...(usualPorts ? [] : ownPort()), ...args],
      {
        env: { PATH: process.env.PATH, ...env },
        detached: true,
      },
    );
    this.#child.stdout!.on("data", (chunk) => (this.stdout += chunk));
    this.#child.stderr!.on("data", (chunk) => (this.stderr += chunk));
    this.ended = new Promise((resolve) => this.#child.once("close", (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr })));
  }

  /** Resolves with the card's contents once it is printed. */
  async ready(withinMs = 90_000): Promise<ReadyLine> {
    const printed = () => this.stdout.includes("Stop: ") || this.stdout.endsWith("}\n");
    await Promise.race([eventually(printed, "the card is printed", withinMs), this.ended]);
    const ready = this.stdout.startsWith("{") ? (JSON.parse(this.stdout) as ReadyLine) : readRun(this.folder ?? "")?.ready;
    if (!printed() || !ready) throw new Error(`not ready:\n${this.stdout}\n${this.stderr}`);
    return ready;
  }

  /** To it alone; Ctrl-C in a terminal reaches its children too, but they are not in its process group. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The pids of its processes, by name, as they are now. */
  pids(): Record<string, number> {
    return Object.fromEntries((readRun(this.folder ?? "")?.processes ?? []).map(({ name, pid }) => [name, pid]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGINT");
    this.signal("SIGINT");
    await this.ended;
  }
}

export async function eventually(isSo: () => boolean | Promise<boolean>, what: string, withinMs = 20_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not after ${withinMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Every process of this machine that names the folder in its command line or environment: whatever a system there may have left. */
export function processesOf(folder: string): string[] {
  return readdirSync("/proc")
    .filter((pid) => /^[0-9]+$/.test(pid) && pid !== String(process.pid))
    .filter((pid) => ["cmdline", "environ"].some((file) => read(`/proc/${pid}/${file}`).includes(folder)))
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll("\0", " ")}`);
}

/** A PATH with everything that the real one has, but for these programs. */
export function pathWithout(folder: string, ...programs: string[]): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const from of (process.env.PATH ?? "").split(delimiter).filter(existsSync)) {
    for (const program of readdirSync(from)) {
      if (!programs.includes(program) && !existsSync(join(bin, program))) symlinkSync(join(from, program), join(bin, program));
    }
  }
  return bin;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
