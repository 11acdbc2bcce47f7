import { type Round, spread } from "../figures.ts";
import { figureAt, type Panel } from "../panel.ts";
import { alarm, element, hues, ink, line, picture, text } from "./svg.ts";

const [panelWidth, panelHeight] = [300, 300];
const plot = { left: 46, right: 286, top: 34, bottom: 222 };

/** Panels beside each other: medians as lines, ranges as bars, what may be at most as a broken line. */
export function lines(title: string, panels: readonly Panel[], rounds: readonly Round[]): string {
  const drawn = panels.map((panel, i) => element("g", { transform: `translate(${i * panelWidth} 0)` }, drawing(panel, rounds)));
  return picture(panels.length * panelWidth, panelHeight, title, drawn);
}

function drawing({ of, at, drawn, unit, atMost }: Panel, rounds: readonly Round[]): string {
  const series = drawn.map((name) => at.map((n) => spread(rounds.map((round) => round[figureAt(name, n, of)]!))));
  const most = niceAbove(Math.max(...series.flat().map(({ max }) => max), (atMost ?? 0) * 1.05));
  const x = (i: number) => plot.left + 12 + (i * (plot.right - plot.left - 24)) / Math.max(1, at.length - 1);
  const y = (value: number) => plot.bottom - (value / most) * (plot.bottom - plot.top);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => part * most);

  return [
    text(plot.left, 16, atMost === undefined ? unit : `${unit}; goal: at most ${atMost}`),
    ...ticks.map((value) => line(plot.left, y(value), plot.right, y(value))),
    ...ticks.map((value) => text(plot.left - 6, y(value) + 4, short(value), { "text-anchor": "end" })),
    ...at.map((n, i) => text(x(i), plot.bottom + 18, short(n), { "text-anchor": "middle" })),
    text((plot.left + plot.right) / 2, plot.bottom + 34, of, { "text-anchor": "middle" }),
    ...(atMost === undefined ? [] : [line(plot.left, y(atMost), plot.right, y(atMost), { stroke: alarm, "stroke-dasharray": "5 4" })]),
    ...series.flatMap((points, s) => {
      const stroke = hues[s % hues.length]!;
      const path = points.map(({ median }, i) => `${i === 0 ? "M" : "L"}${x(i).toFixed(1)} ${y(median).toFixed(1)}`).join(" ");
      return [
        ...points.map(({ min, max }, i) => line(x(i) + s * 3, y(min), x(i) + s * 3, y(max), { stroke, "stroke-opacity": 0.5 })),
        element("path", { d: path, fill: "none", stroke, "stroke-width": 2 }),
        ...points.map(({ median }, i) => element("circle", { cx: x(i), cy: y(median), r: 3, fill: stroke })),
        element("circle", { cx: plot.left + 4, cy: plot.bottom + 48 + s * 15, r: 3, fill: stroke }),
        text(plot.left + 12, plot.bottom + 52 + s * 15, drawn[s]!, { fill: ink }),
      ];
    }),
  ].join("\n");
}

/** 1, 2, 2.5, 5 or 10 times a power of ten. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= value)!;
}

function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`;
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))} k`;
  return Number(value.toPrecision(3)).toLocaleString("en");
}
