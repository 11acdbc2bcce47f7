import { metrics } from "../../workloads/contract.ts";
import { type Board, chosen, rate } from "./board.ts";

/** What must hold of money, whatever happens. */
export const money: Board = {
  name: "money",
  title: "Money invariants",
  panels: [
    {
      title: "Books off by",
      description: "Always 0. No data: nobody has checked lately.",
      unit: "short",
      shows: "number",
      bad: 1,
      queries: [{ expr: `max by (system) (abs(${metrics.ledgerImbalance}{${chosen}}))`, legend: "{{system}}" }],
    },
    {
      title: "Oldest unknown outcome",
      description: "Over an hour somebody looks.",
      unit: "s",
      shows: "number",
      bad: 3600,
      queries: [{ expr: `max by (provider) (${metrics.unknownOldest}{${chosen}})`, legend: "{{provider}}" }],
    },
    {
      title: "Written too late, and so not written",
      description: "Results that came after another worker had the operation: the fence at work.",
      unit: "ops",
      shows: "number",
      queries: [{ expr: `sum(${rate(metrics.leaseLost)})`, legend: "a second" }],
    },
    {
      title: "Repeats under a key",
      description: "Requests that would have been a second payment without it.",
      unit: "reqps",
      shows: "number",
      queries: [{ expr: `sum(${rate(metrics.idempotency, 'result="replay"')})`, legend: "a second" }],
    },
    {
      title: "Unknown outcomes",
      description: "Each ends in a definite answer or in a human's hands.",
      unit: "short",
      queries: [{ expr: `sum by (provider) (${metrics.unknownOperations}{${chosen}})`, legend: "{{provider}}" }],
    },
    {
      title: "Events of providers",
      description: "new, repeated, or not signed by them.",
      unit: "ops",
      queries: [{ expr: `sum by (provider, result) (${rate(metrics.providerEvents)})`, legend: "{{provider}}: {{result}}" }],
    },
  ],
};
