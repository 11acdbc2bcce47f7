import { alertGroups } from "./alerts/alerts.ts";

const headings: Readonly<Record<string, string>> = {
  "satang.money": "Money",
  "satang.api": "The API",
  "satang.queues": "Queues",
  "satang.provider": "Providers",
  "satang.processes": "Processes, and Postgres as they see it",
  "satang.postgres": "Members of managed Postgres",
  "satang.operator": "The operator",
};

/** docs/runbooks/README.md: every alert, with its page. */
export const runbookIndex = (): string => `# Runbooks

<!-- Made from charts/alerts/ by \`npm run generate\`. Change that. -->

A page for each alert: what it means, how to see it, what to do. Where a command names \`$NAMESPACE\`, \`$SYSTEM\`, \`$COMPONENT\` or \`$POD\`, these are labels of the
alert. The chart installs the alerts with \`metrics.prometheusRule.enabled\`; \`critical\` is for waking somebody.
${alertGroups.map(({ name, rules }) => `\n## ${headings[name]}\n\n| alert | severity | when |\n| --- | --- | --- |\n${rules.flatMap((rule) => ("alert" in rule ? [`| [${rule.alert}](${rule.alert}.md) | ${rule.severity} | ${code(rule.expr)}, for ${rule.for} |`] : [])).join("\n")}\n`).join("")}`;

const code = (text: string): string => `\`${text.replaceAll("|", "\\|")}\``;
