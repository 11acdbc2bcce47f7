import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { machine } from "../support/machine.ts";
import { fill, placeIn, today } from "../support/page-place.ts";
import { type Drill, drills } from "./drills.ts";
import { asMarkdown, type Drilled } from "./page.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: "boolean", default: false }, // into docs/reliability.md
    minutes: { type: "string", default: "" }, // that the soak takes
  },
});
const names = positionals.includes("all") ? Object.keys(drills) : positionals;
const unknown = names.filter((name) => !Object.hasOwn(drills, name));
if (names.length === 0 || unknown.length > 0) {
  const list = Object.entries(drills).map(([name, { about }]) => `  ${name.padEnd(12)} ${about}\n`);
  const why = unknown.length > 0 ? `there is no drill ${unknown.join(", ")}.` : "which one?";
  process.stderr.write(
    `drill: ${why} Run npm run drill -- <name> … [--write] [--minutes 60]\n\n${list.join("")}  all          each of them, one after the other\n`,
  );
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "satang-drill-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
const page = new URL("../../docs/reliability.md", import.meta.url).pathname;
if (values.write) for (const name of names) placeIn(page, "drill", name); // told before the work, not after it
for (const name of names) {
  const { cores, load } = machine();
  const drilled = await run(name, drills[name]!);
  if (values.write) fill(page, "drill", name, asMarkdown(drilled, `${today()}, ${cores}, ${load}`));
  if (drilled.tests.length === 0 || drilled.tests.some(({ passed }) => !passed)) process.exitCode = 1;
}

async function run(name: string, drill: Drill): Promise<Drilled> {
  const [results, figures] = [join(folder, `${name}.json`), join(folder, `${name}.figures`)];
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
  const child = spawn("npx", ["vitest", "run", "--project", drill.project, drill.file, ...reporters], {
    stdio: "inherit",
    env: { ...process.env, DRILL_FIGURES: figures, SOAK_MINUTES: values.minutes },
  });
  await once(child, "exit");
  const lines = existsSync(figures) ? readFileSync(figures, "utf8").trim().split("\n") : [];
  return { tests: existsSync(results) ? testsIn(results) : [], figures: lines.map((line) => JSON.parse(line)) };
}

type Results = {
  testResults: { assertionResults: { ancestorTitles: string[]; title: string; status: string; duration?: number }[] }[];
};

function testsIn(file: string): Drilled["tests"] {
  const { testResults } = JSON.parse(readFileSync(file, "utf8")) as Results;
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "passed" || status === "failed")
    .map(({ ancestorTitles: [_, ...within], title, status, duration = 0 }) => {
      return { title: [...within, title].join(" "), passed: status === "passed", seconds: duration / 1000 };
    });
}
