import { metrics } from "../../workloads/contract.ts";
import { type Board, chosen, quantile, rate } from "./board.ts";

const calls = `${metrics.providerRequestDuration}_count`;

/** Who moves the money. */
export const provider: Board = {
  name: "provider",
  title: "Provider",
  panels: [
    {
      title: "Calls by what was heard",
      description: "unknown: no answer, or one that says nothing.",
      unit: "ops",
      queries: [{ expr: `sum by (provider, outcome) (${rate(calls)})`, legend: "{{provider}}: {{outcome}}" }],
    },
    {
      title: "Time of a call, 95 of a hundred",
      description: "After ten seconds a call is given up.",
      unit: "s",
      queries: [
        { expr: quantile(0.95, metrics.providerRequestDuration, { by: "provider, operation" }), legend: "{{provider}} {{operation}}" },
      ],
    },
    {
      title: "Circuit breaker",
      description: "0 closed, 1 half open, 2 open: nothing is sent.",
      unit: "short",
      queries: [{ expr: `max by (provider, pod) (${metrics.providerBreakerState}{${chosen}})`, legend: "{{provider}} in {{pod}}" }],
    },
    {
      title: "Unknown outcomes",
      description: "Operations that are looked up on a schedule.",
      unit: "short",
      queries: [{ expr: `sum by (provider) (${metrics.unknownOperations}{${chosen}})`, legend: "{{provider}}" }],
    },
  ],
};
