import { metrics } from "../../workloads/contract.ts";
import { type Board, chosen, quantile, rate } from "./board.ts";

/** A payment's way, from the request to the merchant's receiver. */
export const payments: Board = {
  name: "payments",
  title: "Payment funnel",
  panels: [
    {
      title: "Asked for",
      description: "By what the idempotency key was: new, a replay, or used for something else.",
      unit: "reqps",
      queries: [{ expr: `sum by (result) (${rate(metrics.idempotency)})`, legend: "{{result}}" }],
    },
    {
      title: "Tried, by what came of it",
      description: "Attempts at operations with a provider. unknown comes back later as one of the others.",
      unit: "ops",
      queries: [{ expr: `sum by (kind, outcome) (${rate(metrics.operations)})`, legend: "{{kind}}: {{outcome}}" }],
    },
    {
      title: "Succeeded of what was decided",
      description: "Declines are the customers' banks' answers.",
      unit: "percentunit",
      queries: [
        {
          expr: `sum by (kind) (${rate(metrics.operations, 'outcome="succeeded"')}) / sum by (kind) (${rate(metrics.operations, 'outcome=~"succeeded|declined"')})`,
          legend: "{{kind}}",
        },
      ],
    },
    {
      title: "From accepted to final, 95 of a hundred",
      description: "By kind of operation.",
      unit: "s",
      queries: [{ expr: quantile(0.95, metrics.operationDuration, { by: "kind" }), legend: "{{kind}}" }],
    },
    {
      title: "Merchants told",
      description: "failed is tried again for three days.",
      unit: "ops",
      queries: [{ expr: `sum by (outcome) (${rate(metrics.webhookDeliveries)})`, legend: "{{outcome}}" }],
    },
    {
      title: "Nobody knows yet",
      description: "Operations of which a provider has not said whether money moved.",
      unit: "short",
      queries: [{ expr: `sum by (provider) (${metrics.unknownOperations}{${chosen}})`, legend: "{{provider}}" }],
    },
  ],
};
