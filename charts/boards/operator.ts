import type { Board } from "./board.ts";

const perSecond = (metric: string) => `rate(${metric}{job="satang-operator"}[$__rate_interval])`;

/** What the operator does, and hears. */
export const operator: Board = {
  name: "operator",
  title: "Operator",
  panels: [
    {
      title: "Leads",
      description: "1 for the one that does.",
      unit: "short",
      shows: "number",
      queries: [{ expr: "satang_operator_leads", legend: "{{pod}}" }],
    },
    {
      title: "PaymentSystems",
      description: "That it takes.",
      unit: "short",
      shows: "number",
      queries: [{ expr: "max(satang_operator_payment_systems)", legend: "systems" }],
    },
    {
      title: "Heard nothing for",
      description: "Of the quietest watch. Up to 90 s when all is quiet and well.",
      unit: "s",
      shows: "number",
      bad: 180,
      queries: [{ expr: "max by (pod) (satang_operator_watch_staleness_seconds)", legend: "{{pod}}" }],
    },
    {
      title: "Passes",
      description: "A second, by outcome.",
      unit: "ops",
      queries: [{ expr: `sum by (outcome) (${perSecond("reconcile_duration_seconds_count")})`, legend: "{{outcome}}" }],
    },
    {
      title: "Time of a pass, 95 of a hundred",
      description: "Over one system.",
      unit: "s",
      queries: [{ expr: `histogram_quantile(0.95, sum by (le) (${perSecond("reconcile_duration_seconds_bucket")}))`, legend: "p95" }],
    },
    {
      title: "Asked of the API server",
      description: "unchanged should be rare: it was so already.",
      unit: "ops",
      queries: [{ expr: `sum by (result) (${perSecond("satang_operator_applies_total")})`, legend: "{{result}}" }],
    },
    {
      title: "Answers of the API server",
      description: "By status; 0: none came.",
      unit: "ops",
      queries: [{ expr: `sum by (method, code) (${perSecond("satang_operator_api_answers_total")})`, legend: "{{method}} {{code}}" }],
    },
    {
      title: "Systems that wait for a pass",
      description: "Each waits once, however much has changed of it.",
      unit: "short",
      queries: [{ expr: 'max by (pod) (workqueue_depth{job="satang-operator"})', legend: "{{pod}}" }],
    },
  ],
};
