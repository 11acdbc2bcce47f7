import { readFileSync, writeFileSync } from "node:fs";
import { type Goal, isMet, type Round, type Spread, spread } from "./figures.ts";

/** What one part of the bench found. */
export type Found = {
  readonly name: string;
  readonly conditions: string;
  readonly goals: readonly Goal[];
  readonly rounds: readonly Round[];
};

const figuresOf = ({ rounds }: Found): [string, Spread][] =>
  Object.keys(rounds[0]!).map((name) => [name, spread(rounds.map((round) => round[name]!))]);

const ratiosOf = ({ goals, rounds }: Found) =>
  goals.map((goal) => {
    const found = spread(rounds.map(goal.ratio));
    return { goal, found, met: isMet(goal, found) };
  });

const number = (value: number): string =>
  value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString("en") : value.toFixed(2);
const named = ({ what, against }: Goal): string => (against === undefined ? what : `${what} / ${against}`);
const range = ({ min, max }: Spread): string => `${number(min)} to ${number(max)}`;
const bound = ({ atLeast, atMost }: Goal): string => (atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`);

/** For a terminal: ratios against their goals, then the figures that they were made from, as medians with the range over the rounds. */
export function asText(found: Found): string {
  const isOne = found.rounds.length === 1;
  const line = (of: Spread) => `${number(of.median).padStart(9)}${isOne ? "" : `  (${range(of)})`}`;
  const ratios = ratiosOf(found).map(({ goal, found: of, met }) => {
    return `${met ? "met   " : "MISSED"}  ${bound(goal).padEnd(7)} ${line(of).padEnd(34)} ${named(goal)}`;
  });
  const figures = figuresOf(found).map(([name, of]) => `${line(of).padEnd(40)} ${name}`);
  const head = `\n${found.conditions}\n${found.name}: ${isOne ? "one round" : `medians of ${found.rounds.length} rounds, in brackets the range`}\n`;
  return [head, ...ratios, "", ...figures, ""].join("\n");
}

/** For programs: each round, and each ratio against its goal. */
export function asJson(found: Found): object {
  const ratios = ratiosOf(found).map(({ goal: { what, against, atLeast, atMost }, found: of, met }) => ({
    what,
    against,
    atLeast,
    atMost,
    ...of,
    met,
  }));
  return { part: found.name, day: today(), conditions: found.conditions, rounds: found.rounds, ratios };
}

const today = (): string => new Date().toISOString().slice(0, 10);

/** Puts what was found into a page, between `<!-- bench: name -->` and `<!-- bench ends -->`, in place of what stood there. Throws when the page has no such place. */
export function writeInto(page: string, found: Found): void {
  const text = readFileSync(page, "utf8");
  const place = new RegExp(`(<!-- bench: ${found.name} -->\n)[^]*?(<!-- bench ends -->)`);
  if (!place.test(text)) throw new Error(`${page} has no place for ${found.name}: it would begin with <!-- bench: ${found.name} -->`);
  writeFileSync(
    page,
    text.replace(place, (_, begin, end) => `${begin}\n${asMarkdown(found)}\n\n${end}`),
  );
}

function asMarkdown(found: Found): string {
  const isOne = found.rounds.length === 1; // which has no range
  const ratios = ratiosOf(found).map(({ goal, found: of, met }) => [
    named(goal),
    bound(goal),
    met ? number(of.median) : `**${number(of.median)}, missed**`,
    ...(isOne ? [] : [range(of)]),
  ]);
  const figures = figuresOf(found).map(([name, of]) => [name, number(of.median), ...(isOne ? [] : [range(of)])]);
  const measured = ["measured", ...(isOne ? [] : ["range"])];
  return [
    `${today()}, ${found.conditions}; ${isOne ? "one round" : `medians of ${found.rounds.length} rounds`}.`,
    ...(ratios.length > 0 ? [tableOf(["ratio", "goal", ...measured], ratios)] : []),
    tableOf(["figure", ...measured], figures),
  ].join("\n\n");
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
