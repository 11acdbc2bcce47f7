import { metrics } from "../../workloads/contract.ts";
import { errorBudget, errorRatio } from "../alerts/api.ts";
import { type Board, chosen, percentiles, rate } from "./board.ts";

const requests = `${metrics.httpRequestDuration}_count`;

/** The first to look at: what merchants notice, and whether anything needs a human. */
export const overview: Board = {
  name: "overview",
  title: "Overview",
  panels: [
    {
      title: "Error budget burnt",
      description: `1: at this rate of the last hour a budget of ${errorBudget * 100} % of requests lasts exactly as long as it shall. Above 14 somebody is woken.`,
      unit: "short",
      shows: "number",
      bad: 14.4,
      queries: [{ expr: `max(${errorRatio("1h")}{${chosen}}) / ${errorBudget}`, legend: "burnt" }],
    },
    {
      title: "Payments accepted",
      description: "New ones, a second; repeats under the same key do not count.",
      unit: "reqps",
      shows: "number",
      queries: [{ expr: `sum(${rate(metrics.idempotency, 'result="new"')})`, legend: "accepted" }],
    },
    {
      title: "Oldest that waits",
      description: "In any queue. Over 120 s somebody is woken.",
      unit: "s",
      shows: "number",
      bad: 120,
      queries: [{ expr: `max(${metrics.queueOldest}{${chosen}})`, legend: "oldest" }],
    },
    {
      title: "Books off by",
      description: "Always 0, in minor units.",
      unit: "short",
      shows: "number",
      bad: 1,
      queries: [{ expr: `max(abs(${metrics.ledgerImbalance}{${chosen}}))`, legend: "off by" }],
    },
    {
      title: "Requests by answer",
      description: "5xx is our fault, 4xx that of who asks.",
      unit: "reqps",
      queries: [{ expr: `sum by (status_class) (${rate(requests)})`, legend: "{{status_class}}" }],
    },
    {
      title: "Time of POST /v1/payments",
      description: "With `Prefer: wait` it holds the wait for the outcome too.",
      unit: "s",
      queries: percentiles(metrics.httpRequestDuration, 'method="POST", route="/v1/payments"'),
    },
    {
      title: "Refused at the door",
      description: "By class and reason. Merchants are told when to come back.",
      unit: "reqps",
      queries: [{ expr: `sum by (class, reason) (${rate(metrics.loadShed)})`, legend: "{{class}}: {{reason}}" }],
    },
    {
      title: "From accepted to final",
      description: "Half, 95 and 99 of a hundred operations of all kinds are done within this.",
      unit: "s",
      queries: percentiles(metrics.operationDuration, 'kind!~"deliver|expire"'),
    },
  ],
};
