import { join } from "node:path";
import { LogFile } from "./log-file.ts";
import type { StateFolder } from "./state-folder.ts";

/** Keeps what each process writes in `<state>/logs/<name>.log`; `verbose` shows it on stderr as well. */
export function logs(state: StateFolder, verbose: boolean): { write(name: string, chunk: Buffer | string): void; close(): void } {
  const files = new Map<string, LogFile>();
  return {
    write(name, chunk) {
      const file = files.get(name) ?? new LogFile(join(state.logs, `${name}.log`));
      files.set(name, file);
      file.write(chunk);
      if (verbose) process.stderr.write(String(chunk).replaceAll(/^(?=.)/gm, `${name.padEnd(16)} `));
    },
    close() {
      for (const file of files.values()) file.close();
      files.clear();
    },
  };
}
