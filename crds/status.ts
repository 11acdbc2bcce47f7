import { z } from "zod";

/** What the operator tells about a PaymentSystem. A field that is left out is not known: unknown is never told as 0. */
export type PaymentSystemStatus = z.output<typeof paymentSystemStatus>;
export type PoolStatus = NonNullable<NonNullable<PaymentSystemStatus["workers"]>["pools"]>[number];
export type ShardStatus = NonNullable<NonNullable<PaymentSystemStatus["postgres"]>["shards"]>[number];

/** `Reconciling`, `Stalled` and `Paused` are there only while they are true; the others always. */
export const conditionTypes = [
  "Ready",
  "Reconciling",
  "Stalled",
  "Paused",
  "DatabaseReady",
  "RedisReady",
  "MigrationsApplied",
  "APIReady",
  "WorkersReady",
  "AutoscalingActive",
  "LedgerBalanced",
] as const;
export type ConditionType = (typeof conditionTypes)[number];
export type Condition = z.output<typeof condition> & { type: ConditionType };

const count = (what: string) => z.int().min(0).max(2_147_483_647).describe(what);
const text = (longest: number, what: string) => z.string().max(longest).describe(what);
const ready = (of: string) => text(20, `How many pods of ${of} are ready of those that should be, such as 2/3.`);

// As metav1.Condition. Types are not an enum here: an older CRD must not refuse the status of a newer operator.
const condition = z.object({
  type: text(316, `What it is about: ${conditionTypes.join(", ")}.`).min(1),
  status: z.enum(["True", "False", "Unknown"]).describe("True, False, or Unknown while it is being worked on or cannot be told."),
  observedGeneration: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional().describe("The metadata.generation that it was told about."),
  lastTransitionTime: text(40, "When the status last changed.").meta({ format: "date-time" }),
  reason: text(1024, "Why, in one CamelCase word for programs.").min(1),
  message: text(32_768, "Why, for people: what is wrong in the words of the one who knows, and the way out."),
});

const pool = z.object({
  name: text(40, "Name of the pool."),
  replicas: count("Pods that there are."),
  readyReplicas: count("Pods that are ready."),
  desiredReplicas: count("Pods that there should be.").optional(),
  queued: count("Operations of its queues that are due or in flight; left out: not known.").optional(),
  oldestSeconds: count("Age of the oldest of them; left out: there is none, or it is not known.").optional(),
});

const shard = z.object({
  shard: count("Number of the shard, from 0."),
  instances: count("Members that there should be."),
  readyInstances: count("Members that are ready."),
  primary: text(63, "Pod that takes writes; left out: there is none just now.").optional(),
  synchronousStandbys: z
    .array(text(63, "Name of a pod."))
    .max(9)
    .optional()
    .describe("Pods of which one has each payment too before it is accepted."),
  behind: z
    .array(text(63, "Name of a pod."))
    .max(9)
    .optional()
    .describe("Pods that do not follow, are more than 16 MiB behind, or have not replayed what was written 10 s ago; left out: none."),
});

export const paymentSystemStatus = z
  .object({
    observedGeneration: z
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER)
      .optional()
      .describe("The metadata.generation that this status is about."),
    conditions: z
      .array(condition.describe("One thing that is so or not."))
      .max(32)
      .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] })
      .optional()
      .describe("What is so and what not, by type; Ready sums it up."),
    version: text(63, "Version of Satang that runs.").optional(),
    url: text(300, "Where merchants call the API.").optional(),
    credentialsSecretName: text(253, "Secret with the admin key and the first merchant's secret key.").optional(),
    migration: text(100, "Last migration that was applied to every shard.").optional(),
    api: z
      .object({
        ready: ready("the API"),
        replicas: count("Pods that there are."),
        readyReplicas: count("Pods that are ready."),
      })
      .optional()
      .describe("The API."),
    workers: z
      .object({
        ready: ready("all pools"),
        queued: count("Operations of all queues that are due or in flight; left out: not known.").optional(),
        oldest: text(20, "Age of the oldest of them, such as 41s; left out: there is none, or it is not known.").optional(),
        pools: z
          .array(pool.describe("A pool."))
          .max(20)
          .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] })
          .optional()
          .describe("Each pool, by name."),
      })
      .optional()
      .describe("The workers."),
    postgres: z
      .object({
        ready: ready("Postgres"),
        primary: text(4000, "Pods that take writes, of all shards, by comma.").optional(),
        shards: z
          .array(shard.describe("A shard."))
          .max(64)
          .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["shard"] })
          .optional()
          .describe("Each shard, by number."),
      })
      .optional()
      .describe("Postgres."),
    redis: z
      .object({
        ready: ready("Redis"),
        master: text(63, "Pod that takes writes; left out: there is none just now.").optional(),
        replicas: count("Members that there should be."),
        readyReplicas: count("Members that are ready."),
      })
      .optional()
      .describe("Redis."),
  })
  .describe("What is so; written by the operator.");
