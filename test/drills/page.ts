import { cpus, totalmem } from "node:os";
import type { Figures } from "../support/tell.ts";

/** What came of a drill: its tests, and the figures that they told. */
export type Drilled = {
  readonly name: string;
  readonly about: string;
  readonly tests: readonly { readonly title: string; readonly passed: boolean; readonly seconds: number }[];
  readonly figures: readonly { readonly what: string; readonly figures: Figures }[];
};

/** The whole of docs/reliability.md. */
export function pageOf(drilled: readonly Drilled[]): string {
  const on = `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
  const day = new Date().toISOString().slice(0, 10);
  return `# Reliability

\`npm run drill -- all --write\` made this page on ${day}: ${on}, everything of a system and its load on the same cores. \`npm run drill\` lists the
drills. Each kills, cuts or floods a real system under load that records every payment it was told is accepted; then rows, journals and the
provider's own list of effects must agree. What failed is shown as failed.

${drilled.map(section).join("\n")}`;
}

function section({ name, about, tests, figures }: Drilled): string {
  const lines = tests.map(({ title, passed, seconds }) => `- ${passed ? "passed" : "**failed**"}, ${Math.round(seconds)} s: ${title}`);
  const tables = figures.map(({ what, figures }) => `\n${what}:\n\n${list(figures)}\n`);
  return `## ${name}\n\n${about[0]!.toUpperCase()}${about.slice(1)}.\n\n${lines.join("\n")}\n${tables.join("")}`;
}

const list = (figures: Figures): string =>
  Object.entries(figures)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join("\n");
