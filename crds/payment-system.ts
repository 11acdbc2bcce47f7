import { z } from "zod";

export const apiVersion = "satang.dev/v1alpha1";
export const kind = "PaymentSystem";

/** Queues that somebody performs today. A queue that no pool takes would fill for ever, so each must be taken by some pool. */
export const queueNames = ["payments", "refunds"] as const;

/** What a user writes: a payment system, wholly described. Every field has a default; `spec: {}` is a small working one. */
export type PaymentSystem = z.output<typeof paymentSystem>;
export type WorkerPool = PaymentSystem["spec"]["workers"][number];
export type Provider = PaymentSystem["spec"]["providers"][number];

// A label of DNS (RFC 1123), short enough for the suffixes of what is made under it.
const name = (what: string) =>
  z
    .string()
    .regex(/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/, "must be 1 to 40 of a-z, 0-9 and -, begin with a letter and not end with -")
    .describe(what);
const quantity = (what: string) =>
  z
    .string()
    .max(20)
    .regex(/^[1-9][0-9]*(\.[0-9]+)?(m|Mi|Gi|Ti)?$/, "must be a Kubernetes quantity such as 500m, 256Mi or 10Gi")
    .describe(what);
const whole = (from: number, to: number) => z.int().min(from).max(to);

const replicas = (of: string, min: number, max: number) =>
  z
    .strictObject({
      min: whole(1, 100).default(min).describe(`Fewest pods of ${of}. Local mode runs this many.`),
      max: whole(1, 100).default(max).describe(`Most pods of ${of}.`),
    })
    .refine(({ min, max }) => min <= max, { path: ["max"], error: "is below min: raise max or lower min" })
    .prefault({})
    .describe(`Between how many pods ${of} is scaled.`);

const resources = z
  .strictObject({
    cpu: quantity("CPU that each pod asks for; it may use more when the node has it.").default("250m"),
    memory: quantity("Memory that each pod asks for, and its limit.").default("256Mi"),
  })
  .prefault({})
  .describe("What each pod asks of its node.");

const storage = (size: string) =>
  z
    .strictObject({
      size: quantity("Size of each member's volume.").default(size),
      className: name("StorageClass of the volumes; left out: the cluster's default.").optional(),
    })
    .prefault({})
    .describe("The volume of each member.");

const ingress = z
  .strictObject({
    host: z.string().min(1).max(253).describe("Host name that merchants call, such as pay.example.com."),
    className: name("IngressClass that serves it; left out: the cluster's default.").optional(),
    tlsSecretName: name("Secret of type kubernetes.io/tls for the host; left out: plain HTTP.").optional(),
  })
  .optional()
  .describe("Makes the API reachable from outside; left out: only a Service is made.");

const admission = z
  .strictObject({
    maxWaitSeconds: whole(1, 3600).default(60).describe("Refuse new payments (429, 503) while the estimated wait is longer than this."),
    requestsPerSecondPerMerchant: whole(1, 100_000)
      .default(100)
      .describe("Requests a second that one merchant may make; more are answered 429."),
  })
  .prefault({})
  .describe("What is refused at the door, before it costs anything.");

const api = z
  .strictObject({
    replicas: replicas("the API", 2, 10),
    targetCPUPercent: whole(10, 95).default(70).describe("Average CPU, in percent of what is asked for, above which pods are added."),
    resources,
    admission,
    ingress,
  })
  .prefault({})
  .describe("The HTTP API that merchants call.");

const worker = z.strictObject({
  name: name("Name of the pool: its Deployment is <system>-worker-<name>."),
  queues: z
    .array(z.enum(queueNames).describe("Name of a queue."))
    .min(1)
    .max(20)
    .refine((queues) => new Set(queues).size === queues.length, "names a queue twice: list each once")
    .describe("Queues that the pool takes. Every queue must be taken by some pool."),
  concurrency: whole(1, 1000).default(50).describe("Operations that each pod has in flight at once."),
  replicas: replicas("the pool", 1, 20),
  queueDepthPerReplica: whole(1, 100_000).default(100).describe("A pod is added for every this many open operations of the pool's queues."),
  scaleDownSeconds: whole(0, 3600).default(300).describe("How long the queue must have been shorter before a pod is taken away."),
  resources,
});

const workers = z
  .array(worker.describe("A pool of workers."))
  .min(1)
  .max(20)
  .refine((pools) => new Set(pools.map((pool) => pool.name)).size === pools.length, "names a pool twice: give each pool a name of its own")
  .check(({ value, issues }) => {
    const taken = new Set(value.flatMap((pool) => pool.queues));
    for (const queue of queueNames) {
      if (!taken.has(queue))
        issues.push({ code: "custom", input: value, message: `no pool takes queue ${queue}: add it to the queues of one` });
    }
  })
  .prefault([{ name: "payments", queues: ["payments", "refunds"] }])
  .describe("Pools of workers, by name. Each takes some queues and scales by their depth.");

const postgres = z
  .strictObject({
    backend: z
      .enum(["managed", "external"])
      .default("managed")
      .describe("managed: Satang runs the replica set. external: a Secret holds the URLs of one that you run."),
    secretName: name("With backend external: Secret with the keys primary and replicas (postgres:// URLs).").optional(),
    shards: whole(1, 64).default(1).describe("Primaries over which merchants are spread. It never changes after creation."),
    instances: whole(1, 9).default(3).describe("Members of each shard: a primary and its standbys."),
    durability: z
      .enum(["required", "preferred"])
      .default("required")
      .describe(
        "required: a payment is accepted once a standby has it too. preferred: the primary alone is enough while no standby is there.",
      ),
    storage: storage("10Gi"),
  })
  .refine(({ backend, secretName }) => backend === "managed" || secretName !== undefined, {
    path: ["secretName"],
    error: "is missing: backend external needs the name of the Secret with the URLs",
  })
  .refine(({ backend, durability, instances }) => backend === "external" || durability !== "required" || instances >= 2, {
    path: ["instances"],
    error: "must be 2 or more with durability required: raise it, or set durability: preferred",
  })
  .prefault({})
  .describe("Where payments are kept.");

const redis = z
  .strictObject({
    backend: z
      .enum(["managed", "external"])
      .default("managed")
      .describe("managed: Satang runs a replica set with Sentinel. external: a Secret holds the URL of one that you run."),
    secretName: name("With backend external: Secret with the key url (redis:// URL).").optional(),
    replicas: whole(1, 9).default(3).describe("Members: a master and its replicas, each with a Sentinel."),
    storage: storage("1Gi"),
  })
  .refine(({ backend, secretName }) => backend === "managed" || secretName !== undefined, {
    path: ["secretName"],
    error: "is missing: backend external needs the name of the Secret with the URL",
  })
  .refine(({ backend, replicas }) => backend === "external" || replicas % 2 === 1, {
    path: ["replicas"],
    error: "must be odd, so that Sentinels have a majority: 1, 3, 5, 7 or 9",
  })
  .prefault({})
  .describe("Hints for workers, and caches. Nothing is lost when it is wiped.");

const provider = z.strictObject({
  name: name("Name under which payments and the ledger know it."),
  kind: z.enum(["simulator"]).describe("simulator: moves no money, answers by token; for mode test only."),
});

const providers = z
  .array(provider.describe("One who moves money."))
  .min(1)
  .max(20)
  .refine((all) => new Set(all.map((one) => one.name)).size === all.length, "names a provider twice: give each a name of its own")
  .prefault([{ name: "simulator", kind: "simulator" }])
  .describe("Who moves money; the first takes new payments. Their secrets are named here, never written here.");

const spec = z
  .strictObject({
    mode: z
      .enum(["test", "live"])
      .default("test")
      .describe("test: sk_test_ keys, the simulator is allowed. live: sk_live_ keys, real providers only."),
    image: z.string().min(1).max(500).optional().describe("Image of the workloads; left out: that of the operator's own version."),
    api,
    workers,
    postgres,
    redis,
    providers,
    autoscaling: z
      .strictObject({
        backend: z
          .enum(["auto", "external-metrics", "keda", "direct"])
          .default("auto")
          .describe(
            "Who scales worker pools. auto: the operator's external metrics, or KEDA where it is installed, or the operator itself.",
          ),
      })
      .prefault({})
      .describe("How worker pools are scaled."),
    monitoring: z
      .strictObject({
        enabled: z.boolean().default(false).describe("Make monitors, alerts and dashboards; needs the Prometheus operator's CRDs."),
      })
      .prefault({})
      .describe("Monitoring by Prometheus and Grafana."),
    networkPolicy: z
      .strictObject({ enabled: z.boolean().default(true).describe("Allow only the traffic that the system needs.") })
      .prefault({})
      .describe("NetworkPolicies around every part."),
    paused: z.boolean().default(false).describe("Leave everything as it is: the operator changes nothing while this is true."),
  })
  .refine(({ mode, providers }) => mode === "test" || providers.every((one) => one.kind !== "simulator"), {
    path: ["mode"],
    error: "live takes no simulator, which moves no money: set mode: test, or take the simulator out of providers",
  })
  .describe("What the payment system is to be.");

/** The resource as the cluster and the `--file` of local mode take it. */
export const paymentSystem = z.strictObject({
  apiVersion: z.literal(apiVersion).describe(`Always ${apiVersion}.`),
  kind: z.literal(kind).describe(`Always ${kind}.`),
  metadata: z
    .looseObject({ name: name("Name of the system; the names of its parts begin with it.") })
    .describe("Standard object metadata; only the name matters to Satang."),
  spec,
});
