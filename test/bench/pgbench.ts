import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { postgresBinaries } from "../../operator/local/postgres-binaries.ts";

export type PgbenchOptions = { binary: string; url: string; script: string; clients: number; seconds: number };

/** Runs a script in pgbench for a while, by prepared statements; returns its transactions per second. Throws when one of them failed. */
export async function pgbench({ binary, url, script, clients, seconds }: PgbenchOptions): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "satang-pgbench-"));
  try {
    const file = join(folder, "script.sql");
    await writeFile(file, script);
    const flags = ["--no-vacuum", "--protocol=prepared", `--client=${clients}`, "--jobs=1", `--time=${seconds}`, `--file=${file}`];
    const { stdout, stderr } = await promisify(execFile)(binary, [...flags, url], { maxBuffer: 1 << 22 });
    const rate = /^tps = ([\d.]+)/m.exec(stdout)?.[1];
    const failed = /^number of failed transactions: (\d+)/m.exec(stdout)?.[1] ?? "0";
    if (!rate || failed !== "0") throw new Error(`pgbench failed: ${stderr || stdout}`);
    return Number(rate);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Beside a Postgres, or on the PATH. */
export function pgbenchBinary(): string | undefined {
  const path = process.env.PATH ?? "";
  const folders = [...postgresBinaries(path)].map(({ folder }) => folder).concat(path.split(delimiter));
  return folders.map((folder) => join(folder, "pgbench")).find((file) => existsSync(file));
}
