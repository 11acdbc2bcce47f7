import { defineConfig } from "vitest/config";

const minutes = 60_000;

// pure: values only, so files may share one process. system: real Postgres, Redis and processes of ours.
// drills: minutes of killing and flooding. cluster: a real Kubernetes node.
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
            "test/workloads/payment/**/*.test.ts",
            "test/operator/desired/**/*.test.ts",
          ],
          isolate: false,
          testTimeout: 1 * minutes,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "system",
          include: ["test/workloads/**/*.test.ts", "test/operator/**/*.test.ts"],
          exclude: ["test/workloads/payment/**", "test/operator/desired/**"],
          globalSetup: ["test/support/set-up.ts"],
          maxWorkers: 2,
          testTimeout: 1 * minutes,
          hookTimeout: 2 * minutes,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "drills",
          include: ["test/drills/**/*.test.ts"],
          globalSetup: ["test/support/set-up.ts"],
          fileParallelism: false,
          testTimeout: 10 * minutes,
          hookTimeout: 2 * minutes,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "cluster",
          include: ["test/cluster/**/*.test.ts", "test/crds/api-server/**/*.test.ts"],
          globalSetup: ["test/cluster/set-up.ts"],
          fileParallelism: false,
          testTimeout: 5 * minutes,
          hookTimeout: 30 * minutes,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
