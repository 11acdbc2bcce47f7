import { metrics } from "../../workloads/contract.ts";
import { type Board, chosen, quantile, rate } from "./board.ts";

const statements = `${metrics.databaseOperationDuration}_count`;
const rows = metrics.batchRows;

/** Postgres as the processes see it: no exporter is needed. */
export const postgres: Board = {
  name: "postgres",
  title: "Postgres",
  panels: [
    {
      title: "Statements",
      description: "A second, by name. Each stands in a file of workloads/store.",
      unit: "ops",
      queries: [{ expr: `sum by (statement) (${rate(statements)})`, legend: "{{statement}}" }],
    },
    {
      title: "Time of a statement, 99 of a hundred",
      description: "Waiting for a connection included.",
      unit: "s",
      queries: [{ expr: quantile(0.99, metrics.databaseOperationDuration, { by: "statement" }), legend: "{{statement}}" }],
    },
    {
      title: "Statements by outcome",
      description: "error: no connection, a failover, or a refusal.",
      unit: "ops",
      queries: [{ expr: `sum by (outcome) (${rate(statements)})`, legend: "{{outcome}}" }],
    },
    {
      title: "Rows in one statement",
      description: "How many payments travel together: it rises by itself under load.",
      unit: "short",
      queries: [
        { expr: `sum by (statement) (${rate(`${rows}_sum`)}) / sum by (statement) (${rate(`${rows}_count`)})`, legend: "{{statement}}" },
      ],
    },
    {
      title: "Replicas behind by",
      description: "Of those from which lists and reports are read.",
      unit: "s",
      queries: [{ expr: `max by (replica) (${metrics.replicaLag}{${chosen}})`, legend: "replica {{replica}}" }],
    },
  ],
};

/** What Redis does for us: hints, and a cache. Its own figures need an exporter, which Satang does not bring. */
export const redis: Board = {
  name: "redis",
  title: "Redis and caches",
  panels: [
    {
      title: "Reads, by where they were answered",
      description: "The process, Redis, at last Postgres.",
      unit: "ops",
      queries: [{ expr: `sum by (tier) (${rate(metrics.cacheRequests, 'result="hit"')})`, legend: "{{tier}}" }],
    },
    {
      title: "Found in Redis",
      description: "Of what was looked for there.",
      unit: "percentunit",
      queries: [
        {
          expr: `sum(${rate(metrics.cacheRequests, 'tier="redis", result="hit"')}) / sum(${rate(metrics.cacheRequests, 'tier="redis"')})`,
          legend: "found",
        },
      ],
    },
    {
      title: "Offered again by the dispatcher",
      description: "While Redis is away every operation comes this way, a moment later.",
      unit: "ops",
      queries: [{ expr: `sum by (reason) (${rate(metrics.reoffered)})`, legend: "{{reason}}" }],
    },
  ],
};
