import { readFileSync } from "node:fs";

/** Blocks of commands in a page, as a reader copies them; with `under`: only those below that heading, up to the next of its level. */
export function commandsIn(page: string, { under, marked = "" }: { under?: string; marked?: string } = {}): string[] {
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), "utf8");
  const part = under === undefined ? text : (text.split(/^(?=## )/m).find((section) => section.startsWith(`## ${under}`)) ?? "");
  const fence = marked ? `sh ${marked}` : "sh";
  return [...part.matchAll(new RegExp(`^\`\`\`${fence}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, commands]) => commands!);
}
