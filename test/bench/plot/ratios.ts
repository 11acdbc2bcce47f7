import { type Goal, isMet, named, type Round, spread } from "../figures.ts";
import { alarm, element, hues, ink, line, picture, text } from "./svg.ts";

const [width, rowHeight, top] = [900, 34, 10];
const plot = { left: 440, right: 830 };

/** A row for each ratio: the range over the rounds as a bar, the median as a dot, the goal as a mark that points to where it is met. Each doubling takes the same room. */
export function ratios(title: string, goals: readonly Goal[], rounds: readonly Round[]): string {
  const rows = goals.map((goal) => ({ goal, found: spread(rounds.map(goal.ratio)), bound: (goal.atLeast ?? goal.atMost)! }));
  const all = rows.flatMap(({ found, bound }) => [found.min, found.max, bound]).filter((value) => value > 0);
  const [from, to] = [Math.floor(Math.log2(Math.min(...all))), Math.ceil(Math.log2(Math.max(...all)))];
  const x = (value: number) => plot.left + ((Math.log2(value) - from) / Math.max(1, to - from)) * (plot.right - plot.left);
  const bottom = top + rows.length * rowHeight;
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => 2 ** (from + i));

  return picture(width, bottom + 24, title, [
    ...ticks.flatMap((value) => [
      line(x(value), top, x(value), bottom),
      text(x(value), bottom + 16, `${value} ×`, { "text-anchor": "middle" }),
    ]),
    ...rows.flatMap(({ goal, found, bound }, i) => {
      const y = top + i * rowHeight + rowHeight / 2;
      const hue = isMet(goal, found) ? hues[2]! : alarm;
      const ahead = goal.atLeast === undefined ? -7 : 7;
      const mark = `M${x(bound)} ${y - 9}V${y + 9}M${x(bound)} ${y - 9}l${ahead} 0M${x(bound)} ${y + 9}l${ahead} 0`;
      return [
        text(plot.left - 12, y + 4, named(goal), { "text-anchor": "end" }),
        line(x(found.min), y, x(found.max), y, { stroke: hue, "stroke-width": 4, "stroke-opacity": 0.45, "stroke-linecap": "round" }),
        element("path", { d: mark, stroke: ink, "stroke-width": 2, fill: "none" }),
        element("circle", { cx: x(found.median), cy: y, r: 5, fill: hue }),
        text(plot.right + 14, y + 4, found.median.toFixed(2), { fill: hue }),
      ];
    }),
  ]);
}
