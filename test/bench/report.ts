import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fill, tableOf, today } from "../support/page-place.ts";
import { type Goal, isMet, named, type Round, type Spread, spread } from "./figures.ts";
import { figureAt, namesIn, type Panel } from "./panel.ts";
import type { Picture } from "./parts.ts";
import { lines } from "./plot/lines.ts";
import { ratios } from "./plot/ratios.ts";

/** What one part of the bench found. */
export type Found = {
  readonly name: string;
  readonly conditions: string;
  readonly goals: readonly Goal[];
  readonly rounds: readonly Round[];
  readonly panels: readonly Panel[];
  /** Those that it brought itself. */
  readonly pictures: readonly Picture[];
};

/** Those that stand in no panel's table. */
function figuresOf({ rounds, panels }: Found): [string, Spread][] {
  const elsewhere = new Set(panels.flatMap(namesIn));
  const names = Object.keys(rounds[0]!).filter((name) => !elsewhere.has(name));
  return names.map((name) => [name, spread(rounds.map((round) => round[name]!))]);
}

const ratiosOf = ({ goals, rounds }: Found) =>
  goals.map((goal) => {
    const found = spread(rounds.map(goal.ratio));
    return { goal, found, met: isMet(goal, found) };
  });

const number = (value: number): string =>
  value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString("en") : value.toFixed(2);
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
  const panels = found.panels.map((panel) => `\n${panelTable(panel, found.rounds)}`);
  return [head, ...ratios, "", ...figures, ...panels, ""].join("\n");
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

/** Puts what was found into a page, in place of what stood there, and its picture beside the page. */
export function writeInto(page: string, found: Found): void {
  const folder = join(dirname(page), folderOfPictures);
  mkdirSync(folder, { recursive: true });
  for (const { name, svg } of picturesOf(found)) writeFileSync(join(folder, `${name}.svg`), svg);
  fill(page, "bench", found.name, asMarkdown(found));
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
    ...(figures.length > 0 ? [tableOf(["figure", ...measured], figures)] : []),
    ...found.panels.map((panel) => panelTable(panel, found.rounds)),
    ...picturesOf(found).map(({ name }) => `[![${name}](${folderOfPictures}/${name}.svg)](${folderOfPictures}/${name}.svg)`),
  ].join("\n\n");
}

/** A row for each number, a column for each figure, as medians. */
function panelTable({ of, at, columns }: Panel, rounds: readonly Round[]): string {
  const median = (column: string, n: number) => number(spread(rounds.map((round) => round[figureAt(column, n, of)]!)).median);
  const rows = at.map((n) => [n.toLocaleString("en"), ...columns.map((column) => median(column, n))]);
  return tableOf([of, ...columns], rows);
}

const folderOfPictures = "performance";

function picturesOf({ name, goals, rounds, panels, pictures }: Found): readonly Picture[] {
  const title = `${name}: medians and ranges`;
  const drawn = panels.filter((panel) => panel.drawn.length > 0);
  if (drawn.length > 0) return [{ name, svg: lines(title, drawn, rounds) }, ...pictures];
  const compared = goals.filter(({ against }) => against !== undefined);
  return compared.length > 1 ? [{ name, svg: ratios(title, compared, rounds) }, ...pictures] : pictures;
}
