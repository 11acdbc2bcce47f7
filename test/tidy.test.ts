import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";

const root = new URL("../", import.meta.url).pathname;
const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((path) => path !== "" && exists(path));
const sources = tracked.filter((path) => path.endsWith(".ts"));
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");

/** Who may import whom, by folder; a folder may always import itself. The longest name that fits a file is its folder. */
const mayImport: { readonly [folder: string]: readonly string[] } = {
  charts: ["crds", "operator/install", "workloads/contract.ts"],
  crds: [],
  "operator/local": ["crds", "operator/desired/log-sizes.ts", "workloads/contract.ts", "workloads/api-key.ts"],
  operator: ["crds", "workloads/contract.ts", "workloads/api-key.ts", "operator/local"],
  "workloads/contract.ts": [],
  "workloads/api-key.ts": [],
  "workloads/payment": [],
  "workloads/telemetry": ["workloads/contract.ts"],
  "workloads/store": ["workloads/payment", "workloads/contract.ts"],
  "workloads/provider": ["workloads/payment", "workloads/contract.ts"],
  "workloads/cache": ["workloads/store", "workloads/payment"],
  "workloads/queue": ["workloads/store", "workloads/payment", "workloads/contract.ts"],
  "workloads/simulator": ["workloads/payment", "workloads/telemetry", "workloads/contract.ts"],
  "workloads/webhook": ["workloads/store", "workloads/payment", "workloads/telemetry", "workloads/contract.ts"],
  "workloads/api": ["workloads"],
  "workloads/dispatcher": ["workloads"],
  "workloads/worker": ["workloads"],
  "workloads/migrate": ["workloads"],
  "workloads/main.ts": ["workloads"],
  test: ["charts", "crds", "operator", "workloads"],
  "vitest.config.ts": [],
};

describe("imports", () => {
  test("go only where the layout says", () => {
    const strays = sources.flatMap((path) =>
      importsOf(path)
        .filter((target) => !isAllowed(path, target))
        .map((target) => `${path} imports ${target}`),
    );

    expect(strays).toEqual([]);
  });

  test("make no circle", () => {
    expect(circles()).toEqual([]);
  });

  test("find each file that is there: none is left that nobody uses", () => {
    const entries =
      /(^|\/)main\.ts$|\.test\.ts$|^vitest\.config\.ts$|^test\/(support|cluster)\/set-up\.ts$|^test\/support\/closing-line\.ts$|^(crds|charts)\/generate\.ts$|^charts\/satang-operator\/files\//;
    const used = new Set(sources.flatMap(importsOf));
    const spawned = sources.map(read).join("\n");

    expect(sources.filter((path) => !entries.test(path) && !used.has(path) && !spawned.includes(posix.basename(path)))).toEqual([]);
  });
});

describe("a file", () => {
  test("has at most 300 lines, and half of them have at most 120", () => {
    const lengths = sources.map((path) => ({ path, lines: read(path).split("\n").length - 1 }));
    const sorted = lengths.map(({ lines }) => lines).toSorted((a, b) => a - b);

    expect(lengths.filter(({ lines }) => lines > 300)).toEqual([]);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(120);
  });

  test("is named for one thing, in kebab case", () => {
    const drawers = /(^|\/)(utils?|shared|common|helpers?|misc|lib)(\/|\.ts$)/;

    expect(sources.filter((path) => drawers.test(path) || !/^[a-z0-9-]+(\.test|\.config)?\.ts$/.test(posix.basename(path)))).toEqual([]);
  });

  test("re-exports nothing, but the index of the desired state", () => {
    expect(sources.filter((path) => path !== "operator/desired/index.ts" && /^export (\*|\{[^}]*\}) from/m.test(read(path)))).toEqual([]);
  });

  test("holds no leftover", () => {
    const marks = new RegExp(
      ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "@ts-ig" + "nore", "@ts-expect-er" + "ror", "\\bas a" + "ny\\b", "\\.on" + "ly\\("].join(
        "|",
      ),
    );

    expect(sources.filter((path) => marks.test(read(path)))).toEqual([]);
  });

  test("reads the environment only where a process starts", () => {
    const starts = /(^|\/)main\.ts$|^test\/|^vitest\.config\.ts$/;

    expect(sources.filter((path) => !starts.test(path) && /process\.env\b/.test(stripComments(read(path))))).toEqual([]);
  });
});

describe("a process of the workloads", () => {
  test("gets node:http without importing it, which would read the client behind fetch as well: 12 MiB in each", () => {
    const imports = /^import (?!type )[^;]*"(?:node:)?https?";/m;

    expect(sources.filter((path) => path.startsWith("workloads/") && imports.test(read(path)))).toEqual([]);
  });

  test("loads later nothing that was not compiled before: whoever strips types keeps more than 10 MiB for it", () => {
    const ofWorkloads = sources.filter((path) => path.startsWith("workloads/"));
    const later = (path: string) =>
      [...read(path).matchAll(/\bimport\("(\.[^"]+)"\)/g)].map(([, to]) => posix.join(posix.dirname(path), to!));
    const compiled = new Set(later("workloads/main.ts"));

    expect(ofWorkloads.flatMap(later).filter((path) => !compiled.has(path))).toEqual([]);
  });
});

// On two cores that others use as well.
const patienceMs = 5 * 60_000;

describe("the package", () => {
  test("names each version exactly", () => {
    const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<string, Record<string, string>>;

    expect(
      Object.entries({ ...dependencies, ...devDependencies }).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
    ).toEqual([]);
  });

  test("has a lockfile that installs the same from any registry", () => {
    expect(read("package-lock.json")).not.toContain('"resolved": "http');
  });

  test("passes the type checker", { timeout: patienceMs }, () => {
    expect(outputOf("tsc", "--noEmit")).toBe("");
  });

  test("passes the linter", { timeout: patienceMs }, () => {
    expect(outputOf("biome", "check", "--error-on-warnings")).toBe("");
  });

  test("says in README and docs nothing of a file, or of a heading, that is not there", () => {
    const pages = tracked.filter((path) => path.endsWith(".md"));
    const dead = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?[^)]*\)/g)]
        .map(([, path, heading]) => ({ target: path ? posix.join(posix.dirname(page), path) : page, heading }))
        .filter(({ target, heading }) => !exists(target) || (heading && !headingsOf(target).includes(heading)))
        .map(({ target, heading = "" }) => `${page} → ${target} ${heading}`),
    );

    expect(dead).toEqual([]);
  });
});

function importsOf(path: string): string[] {
  const specifiers = [...read(path).matchAll(/(?:^|\n)\s*(?:import|export)\b[^"'`;]*?["'](\.[^"']+)["']|import\(["'](\.[^"']+)["']\)/g)];
  return specifiers
    .map(([, from, dynamic]) => posix.join(posix.dirname(path), (from ?? dynamic)!))
    .filter((target) => target.endsWith(".ts"));
}

/** As links name them. */
const headingsOf = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, text]) =>
    text!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

function isAllowed(path: string, target: string): boolean {
  const from = folderOf(path);
  return [from, ...(mayImport[from] ?? [])].some((allowed) => target === allowed || target.startsWith(`${allowed}/`));
}

function folderOf(path: string): string {
  const fits = Object.keys(mayImport).filter((folder) => path === folder || path.startsWith(`${folder}/`));
  return fits.toSorted((a, b) => b.length - a.length)[0] ?? "(a folder that the layout does not know)";
}

function circles(): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
    else if (!done.has(path)) {
      for (const target of importsOf(path)) visit(target, [...trail, path]);
      done.add(path);
    }
  };
  for (const path of sources.filter((source) => !source.startsWith("test/"))) visit(path, []);
  return found;
}

function outputOf(command: string, ...args: string[]): string {
  try {
    return execFileSync(`${root}node_modules/.bin/${command}`, args, { cwd: root, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return `${stdout}${stderr}` || String(error);
  }
}

function stripComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, "");
}

function exists(path: string): boolean {
  try {
    statSync(`${root}${path}`);
    return true;
  } catch {
    return false;
  }
}
