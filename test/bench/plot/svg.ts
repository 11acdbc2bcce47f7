/** A picture, as text. Colours are readable on white and on black; numbers have one digit after the point, which is less than a pixel. */
export type Attributes = Readonly<Record<string, string | number>>;

export const ink = "#6e7781";
export const faint = "#8b949e55";
export const hues = ["#1f77b4", "#e8590c", "#2f9e44", "#9c36b5", "#b08900"];
export const alarm = "#e03131";

export function element(name: string, attributes: Attributes, content = ""): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === "number" ? round(value) : escaped(value)}"`,
  );
  return `<${name}${written.join("")}${content === "" ? "/>" : `>${content}</${name}>`}`;
}

export const text = (x: number, y: number, words: string, attributes: Attributes = {}): string =>
  element("text", { x, y, fill: ink, "font-size": 12, ...attributes }, escaped(words));

export const line = (x1: number, y1: number, x2: number, y2: number, attributes: Attributes = {}): string =>
  element("line", { x1, y1, x2, y2, stroke: faint, ...attributes });

export function picture(width: number, height: number, title: string, parts: readonly string[]): string {
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
    "font-family": "sans-serif",
  };
  return `${element("svg", attributes, `\n${[element("title", {}, escaped(title)), ...parts].join("\n")}\n`)}\n`;
}

const round = (value: number): string => String(Math.round(value * 10) / 10);
export const escaped = (words: string): string => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
