/** Figures, a line each, in a column. */
export function table(figures: Readonly<Record<string, number>>): string {
  const names = Object.keys(figures);
  const width = Math.max(...names.map((name) => name.length));
  return `\n${names.map((name) => `  ${name.padEnd(width)}  ${String(figures[name]).padStart(8)}\n`).join("")}\n`;
}
