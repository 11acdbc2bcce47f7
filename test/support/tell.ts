import { appendFileSync } from "node:fs";

/** What a drill found, by name. */
export type Figures = Readonly<Record<string, number | string>>;

/** Prints what a drill found, a line each, and leaves it for the report where `npm run drill` asks for one. */
export function tell(what: string, figures: Figures): void {
  const width = Math.max(...Object.keys(figures).map((name) => name.length));
  const lines = Object.entries(figures).map(([name, value]) => `  ${name.padEnd(width)}  ${String(value).padStart(8)}\n`);
  process.stdout.write(`\n${what}\n${lines.join("")}\n`);
  const file = process.env.DRILL_FIGURES;
  if (file) appendFileSync(file, `${JSON.stringify({ what, figures })}\n`);
}
