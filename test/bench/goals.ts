import type { Goal } from "./figures.ts";
import { tailRatio } from "./tails.ts";

const ratio = (a: string, b: string) => (round: Readonly<Record<string, number>>) => round[a]! / round[b]!;

/** What the design asks of payments (its §8), all on one machine in one run. */
export const paymentGoals: readonly Goal[] = [
  {
    what: "accepts in the store",
    against: "pgbench, our accept statement, row by row",
    ratio: ratio("accepts/s in the store", "accepts/s pgbench row by row"),
    atLeast: 4,
  },
  {
    what: "accepts over HTTP",
    against: "pgbench, our accept statement, row by row",
    ratio: ratio("accepts/s over HTTP", "accepts/s pgbench row by row"),
    atLeast: 1,
  },
  {
    what: "accepts over HTTP",
    against: "pgbench, a plain transaction",
    ratio: ratio("accepts/s over HTTP", "accepts/s pgbench plain transaction"),
    atLeast: 2,
  },
  {
    what: "whole payments",
    against: "pgbench, accept + claim + settle row by row",
    ratio: ratio("whole payments/s", "whole payments/s pgbench row by row"),
    atLeast: 1.5,
  },
  { what: "replays over HTTP", against: "accepts over HTTP", ratio: ratio("replays/s over HTTP", "accepts/s over HTTP"), atLeast: 1.5 },
  { what: "p99 of accept at 70 % load", against: "p99 at 10 %", ratio: (round) => round[tailRatio]!, atMost: 3 },
];

export const readingGoals: readonly Goal[] = [
  {
    what: "reads of a settled payment from the process",
    against: "reads of it from Postgres",
    ratio: ratio("reads/s of a settled payment from the process", "reads/s of a settled payment from Postgres"),
    atLeast: 1.5,
  },
  {
    what: "reads of a settled payment from Redis",
    against: "reads of it from Postgres",
    ratio: ratio("reads/s of a settled payment from Redis", "reads/s of a settled payment from Postgres"),
    atLeast: 1,
  },
  {
    what: "p99 of a list at the standby in a burst",
    against: "p99 of it at rest",
    ratio: ratio("p99 ms of a list at the standby in a burst", "p99 ms of a list at the standby"),
    atMost: 10,
  },
  {
    what: "p99 of a report at the standby in a burst",
    against: "p99 of it at rest",
    ratio: ratio("p99 ms of a report at the standby in a burst", "p99 ms of a report at the standby"),
    atMost: 10,
  },
  {
    what: "accepts in a burst, lists and reports besides",
    against: "accepts in a burst",
    ratio: ratio("accepts/s in a burst, lists and reports besides", "accepts/s in a burst"),
    atLeast: 0.8,
  },
];

/** Against what most teams would write first, on the same Postgres, Redis and simulator. */
export const plainGoals: readonly Goal[] = [
  {
    what: "accepts over HTTP",
    against: "accepts of the plain build",
    ratio: ratio("accepts/s over HTTP", "accepts/s of the plain build"),
    atLeast: 4,
  },
  {
    what: "whole payments over HTTP",
    against: "whole payments of the plain build",
    ratio: ratio("whole payments/s over HTTP", "whole payments/s of the plain build"),
    atLeast: 4,
  },
];

const finished = "operations/s taken and finished, with journal and event";
/** Against queues that do nothing else. */
export const queueGoals: readonly Goal[] = [
  {
    what: "operations taken and finished",
    against: "graphile-worker's empty jobs",
    ratio: ratio(finished, "empty jobs/s of graphile-worker"),
    atLeast: 0.5,
  },
  { what: "operations taken and finished", against: "pg-boss's empty jobs", ratio: ratio(finished, "empty jobs/s of pg-boss"), atLeast: 2 },
];

const figure = (name: string) => (round: Readonly<Record<string, number>>) =>
  Object.entries(round).find(([each]) => each.startsWith(name))![1];

const largest = (column: string) => (round: Readonly<Record<string, number>>) =>
  Object.entries(round).findLast(([each]) => each.startsWith(`${column}, `))![1];

/** What was measured with the most payments stored. */
export const growthGoals: readonly Goal[] = [
  {
    what: "an accept over HTTP under a random key, with the most payments stored",
    against: "with none",
    ratio: largest("an accept over HTTP, random key, × of empty"),
    atMost: 1.3,
  },
  {
    what: "an accept in the store under a counting key, with the most payments stored",
    against: "with none",
    ratio: largest("an accept, counting key, × of empty"),
    atMost: 1.3,
  },
  {
    what: "an accept in the store under a random key, with the most payments stored",
    against: "with none",
    ratio: largest("an accept, random key, × of empty"),
    atMost: 1.3,
  },
  { what: "a settle with the most payments stored", against: "with none", ratio: largest("a settle, × of empty"), atMost: 1.3 },
];

/** What the design (its §8) and the operator's own issue ask of it. */
export const operatorGoals: readonly Goal[] = [
  {
    what: "resident memory with 100 systems",
    against: "with one",
    ratio: ratio("resident MiB with 100 systems", "resident MiB with one system"),
    atMost: 1.5,
  },
  { what: "resident MiB with 100 systems", ratio: figure("resident MiB with 100 systems"), atMost: 150 },
  { what: "writes while nothing changes", ratio: figure("writes in"), atMost: 0 },
  { what: "writes after a restart", ratio: figure("writes after a restart"), atMost: 0 },
  { what: "p99 ms of an answer of external metrics at 1,000 queues", ratio: figure("p99 ms of an answer"), atMost: 10 },
];
