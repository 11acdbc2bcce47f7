import { closeSync, existsSync, fstatSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";

const maxBytes = 10 * 1024 * 1024; // and as much again in the one older file that is kept

/** A log that never takes more than 20 MB: what is older goes to `<path>.1`, what is older than that is gone. */
export class LogFile {
  readonly path: string;
  #file: number;
  #bytes: number;

  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, "a", 0o600);
    this.#bytes = fstatSync(this.#file).size;
  }

  write(chunk: Uint8Array | string): void {
    if (this.#bytes > maxBytes) this.#turn();
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    writeSync(this.#file, bytes);
    this.#bytes += bytes.length;
  }

  close(): void {
    closeSync(this.#file);
  }

  #turn(): void {
    closeSync(this.#file);
    renameSync(this.path, `${this.path}.1`);
    this.#file = openSync(this.path, "a", 0o600);
    this.#bytes = 0;
  }
}

/** The last lines of a log, for the message that says why something did not start. */
export function lastLines(path: string, count: number): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(-count);
}
