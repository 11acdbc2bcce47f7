import { z } from "zod";
import { distinct } from "./distinct.ts";
import { name, whole } from "./field.ts";
import { replicas, resources } from "./pods.ts";
import { type Rule, ruled } from "./rule.ts";

/** Queues that somebody performs today. A queue that no pool takes would fill for ever, so each must be taken by some pool. */
export const queueNames = ["payments", "refunds", "webhooks"] as const;

const worker = z.strictObject({
  name: name("Name of the pool: its Deployment is <system>-worker-<name>.", ["payments", "slow"]),
  queues: ruled(
    z.array(z.enum(queueNames).describe("Name of a queue.")).min(1).max(20),
    distinct("names a queue twice: list each once"),
  ).describe("Queues that the pool takes. Every queue must be taken by some pool."),
  concurrency: whole(1, 1000).default(50).describe("Operations that each pod has in flight at once."),
  replicas: replicas("the pool", 1, 20, 0).describe(
    "Between how many pods the pool is scaled; the same for both: it is not. With min 0 its last pod goes too while nothing is queued, where the cluster can do that (Kubernetes 1.37, or KEDA).",
  ),
  queueDepthPerReplica: whole(1, 100_000).default(100).describe("A pod is added for every this many open operations of the pool's queues."),
  targetCPUPercent: whole(10, 1000)
    .optional()
    .describe(
      "Average CPU, in percent of what is asked for, above which pods are added as well; left out: only the queue counts. It needs metrics-server: without it the pool would not be scaled down.",
    ),
  scaleDownSeconds: whole(0, 3600).default(300).describe("How long the queue must have been shorter before a pod is taken away."),
  resources: resources("the pool", "100m", "256Mi"),
});

type Pools = readonly { readonly queues: readonly string[] }[];

const everyQueueIsTaken = queueNames.map(
  (queue): Rule<Pools> => ({
    cel: `self.exists(pool, '${queue}' in pool.queues)`,
    holds: (pools) => pools.some(({ queues }) => queues.includes(queue)),
    message: `no pool takes queue ${queue}: add it to the queues of one`,
  }),
);

export const workers = ruled(
  z.array(worker.describe("A pool of workers.")).min(1).max(20),
  distinct("names a pool twice: give each pool a name of its own", "name"),
  ...everyQueueIsTaken,
)
  .prefault([
    { name: "payments", queues: ["payments", "refunds"] },
    { name: "webhooks", queues: ["webhooks"] }, // apart: merchants' receivers take as long as they like
  ])
  .describe("Pools of workers, by name. Each takes some queues and scales by their depth.");
