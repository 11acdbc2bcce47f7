import { readFileSync, writeFileSync } from "node:fs";

/** Who fills places in pages of docs/, each its own between `<!-- bench: name -->` and `<!-- bench ends -->`. */
export type Filler = "bench" | "drill";

/** A page's place of that name. Throws when the page has none. */
export function placeIn(page: string, filler: Filler, name: string): RegExp {
  const place = new RegExp(`(<!-- ${filler}: ${name} -->\n)[^]*?(<!-- ${filler} ends -->)`);
  if (place.test(readFileSync(page, "utf8"))) return place;
  throw new Error(`${page} has no place for ${name}: it would begin with <!-- ${filler}: ${name} -->`);
}

/** Puts Markdown there, in place of what stood there. */
export function fill(page: string, filler: Filler, name: string, markdown: string): void {
  const place = placeIn(page, filler, name);
  writeFileSync(
    page,
    readFileSync(page, "utf8").replace(place, (_, begin, end) => `${begin}\n${markdown}\n\n${end}`),
  );
}

/** A table of Markdown as our formatter has it. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

export const today = (): string => new Date().toISOString().slice(0, 10);
