import { metrics } from "../../workloads/contract.ts";
import { type Board, chosen, rate } from "./board.ts";

/** What waits, and how many work on it. */
export const queues: Board = {
  name: "queues",
  title: "Queues",
  panels: [
    {
      title: "Depth, workers, and most workers",
      description: "Operations that wait or are in flight by queue, processes by pool, and how many a pool may have.",
      unit: "short",
      queries: [
        { expr: `max by (queue) (${metrics.queueDepth}{${chosen}})`, legend: "depth of {{queue}}" },
        { expr: `count by (component) (up{${chosen}, component=~"worker-.+"} == 1)`, legend: "{{component}}" },
        { expr: `max by (pool) (satang_pool_max_replicas{${chosen}})`, legend: "most of {{pool}}" },
      ],
    },
    {
      title: "Oldest",
      description: "Depth alone misleads: a thousand that wait for a second are well, one that waits for an hour is not.",
      unit: "s",
      queries: [{ expr: `max by (queue) (${metrics.queueOldest}{${chosen}})`, legend: "{{queue}}" }],
    },
    {
      title: "Done",
      description: "Attempts at operations, a second.",
      unit: "ops",
      queries: [{ expr: `sum by (kind) (${rate(metrics.operations)})`, legend: "{{kind}}" }],
    },
    {
      title: "Offered again",
      description: "By the dispatcher: what was due (retries, look-ups), and what a worker dropped (lease_ended).",
      unit: "ops",
      queries: [{ expr: `sum by (reason) (${rate(metrics.reoffered)})`, legend: "{{reason}}" }],
    },
  ],
};
