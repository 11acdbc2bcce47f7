import { defineConfig } from "vitest/config";

const minutes = 60_000;
// CI's machine is shared: what fails there for want of time is tried once more, and told as a retry.
const retry = process.env.CI ? 1 : 0;

/** Of the operator's tests those that need neither an API server nor processes; the rest, but for local mode, has an API server of its own. */
const pureOperator = ["test/operator/desired/**/*.test.ts", "test/operator/kube/workqueue.test.ts"];
/** Replica sets under kills and cuts, a shard that is added, servers of others, pools that follow their queues, and Helm, by `npm run test:on-node`: not every machine can be held to them yet. */
const onNode = ["test/operator/node/{autoscaling,externals,failover,keda,redis-failover,shards}.test.ts", "test/charts/node/*.test.ts"];
const localOperator = "test/operator/local/**/*.test.ts";
/** Of the tests with processes of ours those that wait for what is killed, cut off or started anew to come back: two thirds of the time. */
const slow = [
  "test/operator/local/{refusals,start,survival}.test.ts",
  "test/workloads/{crash,shards}/*.test.ts",
  "test/workloads/api/{api-keys,gates,outage,schemathesis,standby}.test.ts",
  "test/workloads/queue/{failover,redis-trouble}.test.ts",
  "test/workloads/store/silence.test.ts",
  "test/workloads/webhook/{delivery,isolation}.test.ts",
];

// pure: values only, so files may share one process. system and slow: real Postgres, Redis and processes of ours.
// drills: minutes of killing and flooding. cluster: a real Kubernetes node. charts: Helm, Prometheus, an API server.
export default defineConfig({
  test: {
    reporters: ["default", "./test/support/closing-line.ts"],
    projects: [
      {
        test: {
          name: "pure",
          include: [
            "test/tidy.test.ts",
            "test/crds/*.test.ts",
            "test/charts/*.test.ts",
            "test/bench/**/*.test.ts",
            "test/workloads/payment/**/*.test.ts",
            ...pureOperator,
          ],
          isolate: false,
          testTimeout: 1 * minutes,
          retry,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "system",
          include: ["test/workloads/**/*.test.ts", localOperator],
          exclude: ["test/workloads/payment/**", ...slow],
          globalSetup: ["test/support/set-up.ts"],
          maxWorkers: 2,
          testTimeout: 1 * minutes,
          retry,
          hookTimeout: 2 * minutes,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "slow",
          include: slow,
          globalSetup: ["test/support/set-up.ts"],
          maxWorkers: 2,
          testTimeout: 1 * minutes,
          retry,
          hookTimeout: 2 * minutes,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "drills",
          include: ["test/drills/**/*.test.ts"],
          globalSetup: ["test/support/set-up.ts"],
          fileParallelism: false,
          testTimeout: 10 * minutes,
          retry,
          hookTimeout: 2 * minutes,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: "cluster",
          include: ["test/cluster/**/*.test.ts", "test/crds/api-server/**/*.test.ts", "test/operator/**/*.test.ts"],
          exclude: [localOperator, ...pureOperator, ...onNode],
          globalSetup: ["test/cluster/set-up.ts"],
          fileParallelism: false,
          testTimeout: 5 * minutes,
          retry,
          hookTimeout: 30 * minutes,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          name: "charts",
          include: ["test/charts/*/*.test.ts"],
          exclude: onNode,
          globalSetup: ["test/support/set-up.ts", "test/cluster/set-up.ts"],
          fileParallelism: false,
          testTimeout: 5 * minutes,
          retry,
          hookTimeout: 30 * minutes,
          sequence: { groupOrder: 5 },
        },
      },
      {
        test: {
          name: "on-node",
          include: onNode,
          globalSetup: ["test/cluster/set-up.ts"],
          fileParallelism: false,
          testTimeout: 5 * minutes,
          retry,
          hookTimeout: 30 * minutes,
          sequence: { groupOrder: 6 },
        },
      },
    ],
  },
});
