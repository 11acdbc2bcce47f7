import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A long-running process of a node, that can be stopped and started again. */
export interface Daemon {
  name: string;
  log: string;
  running(): boolean;
  start(): void;
  /** Asks it to end, and kills it if it has not within 10 s. */
  stop(): Promise<void>;
  /** Ends it by SIGKILL: it can neither finish nor tell anybody. */
  kill(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

export interface DaemonOptions {
  name: string;
  log: string;
  file: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  /** Words that come before the command, as `Isolation.enter`. */
  enter?: string[];
}

/** Starts it, to be killed by the kernel when we end. */
export function daemon({ name, log, file, args, env = {}, enter = [] }: DaemonOptions): Daemon {
  let child: ChildProcess | undefined;
  let spawned = "";
  const running = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  const self: Daemon = {
    name,
    log,
    running,
    start() {
      if (running()) throw new Error(`${name} runs already`);
      const output = openSync(log, "a");
      child = spawn("setpriv", ["--pdeathsig", "KILL", ...enter, file, ...args], {
        env: { ...process.env, ...env },
        stdio: ["ignore", output, output],
      });
      child.on("error", (error) => {
        spawned = error.message;
      });
      closeSync(output);
    },
    async stop() {
      if (!running()) return;
      self.signal("SIGTERM");
      self.signal("SIGCONT"); // a stopped process ends only once it goes on
      for (let waitedMs = 0; running() && waitedMs < 10_000; waitedMs += 20) await sleep(20);
      await self.kill();
    },
    async kill() {
      if (running()) self.signal("SIGKILL");
      while (running()) await sleep(20);
    },
    signal(signal) {
      if (!child?.pid) throw new Error(`${name} does not run ${spawned}`);
      // nsenter waits as parent of the process that is meant, and stops and goes on with it
      if (enter.length > 0) for (const pid of childrenOf(child.pid)) kill(pid, signal);
      if (enter.length === 0 || signal === "SIGCONT") child.kill(signal);
    },
  };
  self.start();
  return self;
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return []; // it has just ended
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {} // it has just ended
}
