import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { leashed } from "../../../operator/local/leash.ts";
import type { ProcessSpec } from "../../../operator/local/supervise.ts";

const readyMs = 30_000;
const lookMs = 25;
const maxLogBytes = 64 * 1024;

/** A real process that a test kills, stops and starts from outside. Nothing starts it again by itself. */
export class Victim {
  readonly name: string;
  kills = 0;
  readonly #spec: ProcessSpec;
  #child: ChildProcess | undefined;
  #log = "";

  constructor(spec: ProcessSpec) {
    this.name = spec.name;
    this.#spec = spec;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it said last, at most 64 KiB. */
  get log(): string {
    return this.#log;
  }

  /** Starts it, unless it runs, wakes it, and waits until it does its work. Throws with what it said when it does not. */
  async start(): Promise<void> {
    if (!this.#child) this.#spawn();
    this.resume();
    const until = performance.now() + readyMs;
    while (!(await this.#spec.ready().catch(() => false))) {
      if (!this.#child) this.#spawn(); // a server that finds its dead self's lock gives up, and the next try finds it gone
      if (performance.now() > until) throw new Error(`${this.name} is not ready after ${readyMs} ms:\n${this.#log}`);
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
  }

  /** Dies without a word, as by the kernel's out-of-memory killer; resolves when it is gone. */
  async kill(signal: "SIGKILL" | "SIGQUIT" = "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.kills += 1;
    child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }

  /** SIGSTOP: it is there, holds all that it has, and does nothing. */
  suspend(): void {
    this.#child?.kill("SIGSTOP");
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const ended = once(child, "exit");
    child.kill(this.#spec.stopSignal);
    child.kill("SIGCONT"); // one that is suspended would not hear it
    await ended;
  }

  #spawn(): void {
    const spec = this.#spec;
    const isOurs = spec.leash === "channel";
    const { command, args } = isOurs ? spec : leashed(spec.stopSignal === "SIGINT" ? "INT" : "TERM", spec.command, spec.args);
    const child = spawn(command, [...args], {
      env: { ...spec.env },
      cwd: spec.cwd,
      ...spec.user,
      stdio: isOurs ? ["ignore", "pipe", "pipe", "ipc"] : ["pipe", "pipe", "pipe"],
    });
    this.#child = child;
    const keep = (chunk: Buffer): void => {
      this.#log = (this.#log + chunk.toString()).slice(-maxLogBytes);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    child.stdin?.on("error", () => {}); // closed by an end that `exit` reports
    child.once("exit", (code, signal) => {
      this.#log += `--- ${this.name} ended: ${signal ?? code}\n`;
      child.stdin?.destroy(); // lets the leash go
      if (this.#child === child) this.#child = undefined;
    });
  }
}
