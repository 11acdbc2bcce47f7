import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";
import { postgresBinaries } from "../../operator/local/postgres-binaries.ts";
import type { Round } from "./figures.ts";
import { openStage } from "./open-stage.ts";
import { parts } from "./parts.ts";
import { asJson, asText, type Found, writeInto } from "./report.ts";
import { conditions } from "./stage.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    only: { type: "string", default: Object.keys(parts).join(",") },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false }, // into docs/performance.md too
  },
});
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const page = new URL("../../docs/performance.md", import.meta.url).pathname;

const wanted = values.only.split(",");
const rounds = count("rounds");
const seconds = count("seconds");
const unknown = wanted.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) end(`there is no part ${unknown.join(", ")}: there are ${Object.keys(parts).join(", ")}`);

const path = process.env.PATH ?? "";
const folders = [...postgresBinaries(path)].map(({ folder }) => folder).concat(path.split(delimiter));
const pgbenchBinary =
  folders.map((folder) => join(folder, "pgbench")).find((file) => existsSync(file)) ??
  end(
    "pgbench is not here, and everything is measured against it: install Debian's postgresql, or put a Postgres with pgbench on the PATH",
  );

say("bench: starting a system of its own");
await using stage = await openStage();
for (const name of wanted) {
  const { goals, measure } = parts[name]!;
  const on = conditions(stage.version);
  const found = await measure(stage, { seconds, pgbenchBinary }, (round) => inRounds(name, round));
  tell({ name, conditions: `${on}, ${seconds} s a figure`, goals, rounds: found });
}

function tell(found: Found): void {
  process.stdout.write(values.json ? `${asJson(found)}\n` : `${found.conditions}${asText(found)}\n`);
  if (values.write) writeInto(page, found);
}

/** The first round only warms up. */
async function inRounds(what: string, round: () => Promise<Round>): Promise<Round[]> {
  const found: Round[] = [];
  for (let i = 0; i <= rounds; i++) {
    const start = performance.now();
    const figures = await round();
    if (i > 0) found.push(figures);
    say(`bench: ${what}, ${i === 0 ? "warm-up" : `round ${i} of ${rounds}`}, ${((performance.now() - start) / 1000).toFixed(0)} s`);
  }
  return found;
}

/** A round that measures for less than a second would say nothing. */
function count(name: "rounds" | "seconds"): number {
  const number = Number(values[name]);
  return Number.isInteger(number) && number >= 1 && number <= 3_600
    ? number
    : end(`--${name} must be a whole number from 1 to 3600, not "${values[name]}"`);
}

function end(why: string): never {
  say(`bench: ${why}`);
  process.exit(1);
}
