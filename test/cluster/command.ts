import { spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Given to the command as its standard input. */
  input?: string;
  /** A file that also gets what the command writes. */
  log?: string;
  /** Called with each whole line that the command writes to standard error. */
  onLine?: (line: string) => void;
}

/** Runs a command to its end and returns what it wrote to standard output; throws `CommandFailed` when it ends with anything but 0. */
export function command(file: string, args: string[], options: CommandOptions = {}): Promise<string> {
  const log = options.log === undefined ? undefined : openSync(options.log, "a");
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  const written = { out: "", err: "", line: "" };
  child.stdin?.on("error", () => {}); // a command may end without having read all of it
  child.stdin?.end(options.input);
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    written.out += text;
    if (log !== undefined) writeLog(log, text);
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    written.err = (written.err + text).slice(-100_000);
    if (log !== undefined) writeLog(log, text);
    const lines = (written.line + text).split("\n");
    written.line = lines.pop() ?? "";
    for (const line of lines) options.onLine?.(line);
  });
  return new Promise<string>((resolve, reject) => {
    child.on("error", (cause) => reject(new CommandFailed(`${file}: ${cause.message}`, "", "", { cause })));
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(written.out);
      const said = (written.err || written.out).trim().split("\n").slice(-20).join("\n");
      reject(
        new CommandFailed(`${[file, ...args].join(" ").slice(0, 300)} ended with ${signal ?? code}: ${said}`, written.out, written.err),
      );
    });
  }).finally(() => log !== undefined && closeSync(log));
}

export class CommandFailed extends Error {
  readonly out: string;
  readonly err: string;
  constructor(message: string, out: string, err: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CommandFailed";
    this.out = out;
    this.err = err;
  }
}

function writeLog(file: number, text: string): void {
  try {
    writeSync(file, text);
  } catch {} // a full disk must show in the command's own error, not here
}
