import { type ChildProcess, spawn } from "node:child_process";
import { leashed } from "./leash.ts";

/** A process that shall run. */
export type ProcessSpec = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** How it learns that we are gone. `channel`: a process of ours, it ends when its IPC channel closes. `pipe`: any other program. */
  readonly leash: "channel" | "pipe";
  readonly stopSignal: "SIGTERM" | "SIGINT";
  /** Looks once whether it does its work. May throw: that is a no. */
  ready(): Promise<boolean>;
};

export type SuperviseDeps = {
  /** Everything that it writes to stdout and stderr. */
  readonly log: (chunk: Buffer | string) => void;
  /** Called after every start and end, for whoever keeps a list of pids. */
  readonly changed?: () => void;
};

// As a kubelet does, in a laptop's seconds: wait longer after each end, and forget it once it has run for a while.
const firstBackoffMs = 250;
const maxBackoffMs = 30_000;
const provenMs = 60_000;

/** Starts it, and starts it again whenever it ends, until told to stop. */
export function supervise(spec: ProcessSpec, deps: SuperviseDeps): Supervised {
  return new Supervised(spec, deps);
}

export class Supervised {
  readonly name: string;
  restarts = 0;
  #spec: ProcessSpec;
  #deps: SuperviseDeps;
  #child: ChildProcess | undefined;
  #wanted = false;
  #backoffMs = firstBackoffMs;
  #timer: NodeJS.Timeout | undefined;

  constructor(spec: ProcessSpec, deps: SuperviseDeps) {
    this.name = spec.name;
    this.#spec = spec;
    this.#deps = deps;
    this.start();
  }

  /** `undefined` between an end and the next start. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#backoffMs = firstBackoffMs;
    this.#run();
  }

  /** True once it is ready; false when it is not by then, ended three times meanwhile, or is not wanted any more. */
  async ready(withinMs: number): Promise<boolean> {
    const deadline = Date.now() + withinMs;
    const before = this.restarts;
    while (Date.now() < deadline && this.#wanted && this.restarts - before < 3) {
      if (this.#child && (await this.#spec.ready().catch(() => false))) return true;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    return false;
  }

  /** Sends a signal to the process as it is; it is still wanted, so it will be started again if it ends. */
  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends it for good: asks, and after `graceMs` insists. */
  async stop(graceMs: number): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (!child) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(this.#spec.stopSignal);
    child.kill("SIGCONT"); // one that was stopped would not even hear it
    const insist = setTimeout(() => child.kill("SIGKILL"), graceMs);
    await ended;
    clearTimeout(insist);
  }

  #run(): void {
    const startedAt = Date.now();
    const child = spawnOn(this.#spec);
    this.#child = child;
    child.stdout!.on("data", this.#deps.log);
    child.stderr!.on("data", this.#deps.log);
    const ended = (how: string) => {
      if (this.#child !== child) return; // `error` and `exit` may both come
      this.#child = undefined;
      child.stdin?.destroy(); // lets the leash go
      if (this.#wanted) this.#again(startedAt, how);
      this.#deps.changed?.();
    };
    child.on("error", (error) => ended(error.message));
    child.on("exit", (code, signal) => ended(signal ?? `code ${code}`));
    this.#deps.changed?.();
  }

  #again(startedAt: number, how: string): void {
    if (Date.now() - startedAt > provenMs) this.#backoffMs = firstBackoffMs;
    this.#deps.log(`--- ${new Date().toISOString()} ${this.name} ended (${how}), starts again in ${this.#backoffMs} ms\n`);
    this.#timer = setTimeout(() => {
      this.restarts += 1;
      this.#run();
    }, this.#backoffMs);
    this.#backoffMs = Math.min(this.#backoffMs * 2, maxBackoffMs);
  }
}

function spawnOn(spec: ProcessSpec): ChildProcess {
  const { command, args } = spec.leash === "pipe" ? leashed(spec.stopSignal === "SIGINT" ? "INT" : "TERM", spec.command, spec.args) : spec;
  const child = spawn(command, [...args], {
    env: { ...spec.env },
    cwd: spec.cwd,
    ...spec.user,
    stdio: spec.leash === "pipe" ? ["pipe", "pipe", "pipe"] : ["ignore", "pipe", "pipe", "ipc"],
    detached: true, // Ctrl-C goes to everything in the terminal's process group; we alone hear it, and stop the rest in order
  });
  child.stdin?.on("error", () => {}); // closed by an end that `exit` reports
  return child;
}
