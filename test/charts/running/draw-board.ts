import { type Board, type Panel, placesOf } from "../../../charts/boards/board.ts";
import { formatted } from "./formatted.ts";
import type { Series } from "./prometheus.ts";

/** A series with the name that the legend gives it. */
export interface Line extends Pick<Series, "values"> {
  readonly name: string;
}

const cell = { w: 50, h: 34 };
const gap = 8;
const palette = ["#3867d6", "#20bf6b", "#f7b731", "#eb3b5a", "#8854d0", "#2d98da", "#fa8231", "#0fb9b1", "#a55eea", "#4b6584"];
const mostNamed = 8;

/** A board as a picture: what its queries gave, drawn where its panels are. Bound: 60 points a line, 20 lines a panel. */
export function drawBoard(board: Board, linesOf: (panel: Panel) => readonly Line[]): string {
  const places = placesOf(board.panels);
  const height = Math.max(...places.map(({ y, h }) => y + h)) * cell.h + 48;
  const panels = board.panels.map((panel, index) => {
    const { x, y, w, h } = places[index]!;
    const size = { w: w * cell.w - gap, h: h * cell.h - gap };
    const lines = linesOf(panel).slice(0, 20);
    const inside = panel.shows === "number" ? number(panel, lines, size) : chart(panel, lines, size);
    const title = `<text x="12" y="22" class="title">${escaped(panel.title)}</text>`;
    return `<g transform="translate(${x * cell.w + gap / 2} ${y * cell.h + 44})"><rect width="${size.w}" height="${size.h}" rx="4" class="panel"/>${title}${inside}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${24 * cell.w} ${height}" role="img" aria-label="Board ${escaped(board.title)}">
<style>text{font:12px system-ui,sans-serif;fill:#39424e}.title{font-weight:600}.head{font-size:18px;font-weight:600}.panel{fill:#fff;stroke:#dfe3e8}.grid{stroke:#edf0f3}.tick{font-size:10px;fill:#7b8794}polyline{fill:none;stroke-width:1.5}</style>
<rect width="100%" height="100%" fill="#f4f6f8"/><text x="12" y="28" class="head">Satang / ${escaped(board.title)}</text>
${panels.join("\n")}
</svg>
`;
}

type Size = { readonly w: number; readonly h: number };

function number({ unit, bad = Number.POSITIVE_INFINITY }: Panel, lines: readonly Line[], { w, h }: Size): string {
  const last = lines.slice(0, 3).map(({ values }) => Number(values.at(-1)![1]));
  const size = last.length > 1 ? 22 : 32;
  return last
    .map((value, index) => {
      const y = h / 2 + 12 + size / 3 + (index - (last.length - 1) / 2) * (size + 4);
      return `<text x="${w / 2}" y="${y}" text-anchor="middle" style="font-size:${size}px;fill:${value >= bad ? "#eb3b5a" : "#20a35c"}">${formatted(value, unit)}</text>`;
    })
    .join("");
}

function chart({ unit }: Panel, lines: readonly Line[], { w, h }: Size): string {
  const rows = Math.ceil(Math.min(lines.length, mostNamed) / 2);
  const plot = { left: 56, right: w - 14, top: 36, bottom: h - 22 - rows * 16 };
  const all = lines.flatMap(({ values }) => values.map(([, value]) => Number(value)).filter(Number.isFinite));
  const most = Math.max(...all, 0) || 1;
  const times = lines.flatMap(({ values }) => values.map(([at]) => at));
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const x = (at: number) => plot.left + ((at - from) / (to - from || 1)) * (plot.right - plot.left);
  const y = (value: number) => plot.bottom - (value / most) * (plot.bottom - plot.top);
  const grid = [0, 0.5, 1].map((part) => {
    const at = y(part * most).toFixed(0);
    return `<line x1="${plot.left}" x2="${plot.right}" y1="${at}" y2="${at}" class="grid"/><text x="${plot.left - 6}" y="${Number(at) + 3}" text-anchor="end" class="tick">${formatted(part * most, unit)}</text>`;
  });
  const drawn = lines.map(({ values }, index) => {
    const points = values.filter(([, value]) => Number.isFinite(Number(value)));
    const text = points.map(([at, value]) => `${x(at).toFixed(0)},${y(Number(value)).toFixed(1)}`).join(" ");
    return `<polyline points="${text}" stroke="${palette[index % palette.length]}"/>`;
  });
  const names = lines.slice(0, mostNamed).map(({ name }, index) => {
    const [left, top] = [plot.left + (index % 2) * ((w - plot.left) / 2), h - rows * 16 + Math.floor(index / 2) * 16];
    return `<rect x="${left}" y="${top - 8}" width="10" height="3" fill="${palette[index % palette.length]}"/><text x="${left + 16}" y="${top}" class="tick">${escaped(name)}</text>`;
  });
  return [...grid, ...drawn, ...names].join("");
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
