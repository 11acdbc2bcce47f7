import { tableOf } from "../support/page-place.ts";
import type { Figures } from "../support/tell.ts";

/** What came of a drill: its tests, and the figures that they told. */
export type Drilled = {
  readonly tests: readonly { readonly title: string; readonly passed: boolean; readonly seconds: number }[];
  readonly figures: readonly Told[];
};

type Told = { readonly what: string; readonly figures: Figures };

/** A drill's place in docs/reliability.md. `conditions`: the day, the machine and its load. */
export function asMarkdown({ tests, figures }: Drilled, conditions: string): string {
  const passed = tests.filter((test) => test.passed).length;
  const lines = tests.map(({ title, passed, seconds }) => `- ${passed ? "passed" : "**failed**"}, ${Math.round(seconds)} s: ${title}`);
  const verdict = tests.length > 0 ? `${passed} of ${tests.length} passed` : "**it did not begin**";
  return [`${conditions}: ${verdict}.`, ...(lines.length > 0 ? [lines.join("\n")] : []), ...alike(figures).map(table)].join("\n\n");
}

/** Those that tell the same figures stand in one table. */
function alike(figures: readonly Told[]): Told[][] {
  return [...Map.groupBy(figures, ({ figures }) => Object.keys(figures).join("\n")).values()];
}

function table(told: readonly Told[]): string {
  const names = Object.keys(told[0]!.figures);
  if (told.length === 1) return tableOf([told[0]!.what, "measured"], Object.entries(told[0]!.figures).map(cells));
  return tableOf(
    ["", ...names],
    told.map(({ what, figures }) => cells([what, ...names.map((name) => figures[name]!)])),
  );
}

const cells = (values: readonly (string | number)[]): string[] => values.map((value) => String(value).replaceAll("|", "\\|"));
