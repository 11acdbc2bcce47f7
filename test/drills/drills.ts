/** Where a drill stands among the tests. */
export type Drill = { readonly project: "drills" | "cluster" | "on-node"; readonly file: string; readonly about: string };

/** Every drill by its name. */
export const drills: Readonly<Record<string, Drill>> = {
  chaos: {
    project: "drills",
    file: "test/drills/chaos.test.ts",
    about: "20,000 payments while the provider fails and every process is killed",
  },
  walk: { project: "drills", file: "test/drills/walk.test.ts", about: "whatever merchants ask for, in any order, while processes die" },
  burst: {
    project: "drills",
    file: "test/drills/burst.test.ts",
    about: "ten times the traffic for a minute, most of it from one merchant",
  },
  soak: { project: "drills", file: "test/drills/soak.test.ts", about: "an hour's payments in minutes: memory stays flat" },
  operator: {
    project: "cluster",
    file: "test/operator/node/node.test.ts",
    about: "a system on a node: installed, broken, rolled, deleted, adopted",
  },
  postgres: {
    project: "on-node",
    file: "test/operator/node/failover.test.ts",
    about: "the primary of Postgres killed, cut off, rolled, under load",
  },
  shards: {
    project: "on-node",
    file: "test/operator/node/shards.test.ts",
    about: "a second shard added under load; either one's primary killed, and the other's merchants notice nothing",
  },
  redis: {
    project: "on-node",
    file: "test/operator/node/redis-failover.test.ts",
    about: "the master of Redis killed, cut off, lost, under load",
  },
  externals: {
    project: "on-node",
    file: "test/operator/node/externals.test.ts",
    about: "a Postgres and a Redis that somebody else runs, in the place of ours",
  },
  autoscaling: {
    project: "on-node",
    file: "test/operator/node/autoscaling.test.ts",
    about: "pools that follow their queue: burst, none, source gone, shrinking",
  },
  keda: {
    project: "on-node",
    file: "test/operator/node/keda.test.ts",
    about: "pools that follow their queue where KEDA is, before and after our operator goes",
  },
};
