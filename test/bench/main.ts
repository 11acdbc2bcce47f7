import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { machine } from "../support/machine.ts";
import { placeIn } from "../support/page-place.ts";
import type { Round } from "./figures.ts";
import { openStage } from "./open-stage.ts";
import { parts } from "./parts.ts";
import { asJson, asText, type Found, writeInto } from "./report.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true, // parts, as --only names them
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    rows: { type: "string", default: "100000" },
    "rest-minutes": { type: "string", default: "1" },
    only: { type: "string" },
    json: { type: "string" }, // a file for what was found
    write: { type: "boolean", default: false }, // into docs/performance.md too
  },
});
const say = (text: string): void => void process.stderr.write(`bench: ${text}\n`);
const page = new URL("../../docs/performance.md", import.meta.url).pathname;

const named = [...positionals, ...(values.only?.split(",") ?? [])];
const [rounds, seconds, restMinutes, rows] = [count("rounds"), count("seconds"), count("rest-minutes"), count("rows", 1_000, 10_000_000)];
const unknown = named.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) end(`there is no part ${unknown.join(", ")}: there are ${Object.keys(parts).join(", ")}`);
const wanted = Object.keys(parts).filter((name) => (named.length === 0 || named.includes(name)) && isPossible(name));
if (values.write) for (const name of wanted) placeIn(page, "bench", name); // told before the work, not after it

let opened: ReturnType<typeof openStage> | undefined;
const found: Found[] = [];
for (const name of wanted) {
  const { goals, measure } = parts[name]!;
  const on = machine();
  const named = (of?: string) => (of === undefined ? name : `${name} ${of}`);
  const {
    versions,
    rounds,
    panels = [],
    pictures = [],
  } = await measure({
    stage,
    ...{ seconds, restMinutes, rows, say },
    inRounds: (round, of) => inRounds(named(of), round),
  });
  const timed = rounds.length > 1 ? `, ${seconds} s a figure` : ""; // one that is measured once takes its own time
  found.push({ name, conditions: `${on.cores}, ${versions}, ${on.load}${timed}`, goals, rounds, panels, pictures });
  process.stdout.write(asText(found.at(-1)!));
  if (values.write) writeInto(page, found.at(-1)!);
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(found.map(asJson), undefined, 2)}\n`);
await (await opened)?.[Symbol.asyncDispose]();

function stage(): ReturnType<typeof openStage> {
  if (!opened) say("starting a system of its own");
  opened ??= openStage();
  return opened;
}

/** Who names a part that cannot be measured here is told; who wants all gets the others. */
function isPossible(name: string): boolean {
  const lacking = parts[name]!.lacks?.();
  if (lacking && named.includes(name)) end(`${name} needs ${lacking}`);
  if (lacking) say(`${name} is left out: it needs ${lacking}`);
  return !lacking;
}

/** The first round only warms up. */
async function inRounds(what: string, round: () => Promise<Round>): Promise<Round[]> {
  const found: Round[] = [];
  for (let i = 0; i <= rounds; i++) {
    const start = performance.now();
    const figures = await round();
    if (i > 0) found.push(figures);
    say(`${what}, ${i === 0 ? "warm-up" : `round ${i} of ${rounds}`}, ${((performance.now() - start) / 1000).toFixed(0)} s`);
  }
  return found;
}

/** A round that measures for less than a second would say nothing. */
function count(name: "rounds" | "seconds" | "rest-minutes" | "rows", least = 1, most = 3_600): number {
  const number = Number(values[name]);
  return Number.isInteger(number) && number >= least && number <= most
    ? number
    : end(`--${name} must be a whole number from ${least} to ${most}, not "${values[name]}"`);
}

function end(why: string): never {
  say(why);
  process.exit(1);
}
