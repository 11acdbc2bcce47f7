import { z } from "zod";
import { api } from "./api.ts";
import { imageName, name, objectName, whole } from "./field.ts";
import { postgres } from "./postgres.ts";
import { providers } from "./providers.ts";
import { redis } from "./redis.ts";
import { ruled } from "./rule.ts";
import { workers } from "./workers.ts";

export const apiVersion = "satang.dev/v1alpha1";
export const kind = "PaymentSystem";

/** What a user writes: a payment system, wholly described. Every field has a default; `spec: {}` is a small working one. */
export type PaymentSystem = z.output<typeof paymentSystem>;
export type PaymentSystemSpec = PaymentSystem["spec"];
export type WorkerPool = PaymentSystemSpec["workers"][number];
export type Provider = PaymentSystemSpec["providers"][number];

const webhooks = z
  .strictObject({
    allowPrivateAddresses: z
      .boolean()
      .default(false)
      .describe("Deliver to private and loopback addresses too: a merchant could then reach what only your network should."),
  })
  .prefault({})
  .describe("How merchants are told what happened.");

const autoscaling = z
  .strictObject({
    backend: z
      .enum(["auto", "external-metrics", "keda", "direct"])
      .default("auto")
      .describe("Who scales worker pools. auto: the operator's external metrics, or KEDA where it is installed, or the operator itself."),
  })
  .prefault({})
  .describe("How worker pools are scaled.");

const networkPolicy = z
  .strictObject({ enabled: z.boolean().default(true).describe("Allow only the traffic that the system needs.") })
  .prefault({})
  .describe("NetworkPolicies around every part.");

const rotation = z
  .strictObject({
    everyDays: whole(0, 3650).default(0).describe("Make new passwords this many days after the last time; 0: only when asked."),
    asked: whole(0, 1_000_000).default(0).describe("Raise it by one to make new passwords now."),
  })
  .prefault({})
  .describe("New passwords for Postgres and Redis, without an outage. Merchants' keys stay.");

const spec = ruled(
  z.strictObject({
    mode: z
      .enum(["test", "live"])
      .default("test")
      .describe("test: sk_test_ keys, the simulator is allowed. live: sk_live_ keys, real providers only. It never changes."),
    image: imageName("Image of the workloads; left out: that of the operator's own version.").optional(),
    imagePullSecrets: z
      .array(objectName("Name of a Secret of type kubernetes.io/dockerconfigjson.", "registry"))
      .max(10)
      .default([])
      .describe("Secrets with which every image is pulled."),
    api,
    workers,
    webhooks,
    postgres,
    redis,
    providers,
    autoscaling,
    networkPolicy,
    rotation,
    deletionPolicy: z
      .enum(["Retain", "Delete"])
      .default("Retain")
      .describe("Retain: volumes and credentials outlive this resource, and one of the same name adopts them. Delete: they go with it."),
    paused: z.boolean().default(false).describe("Leave everything as it is: the operator changes nothing while this is true."),
  }),
  {
    cel: "self.mode != 'live' || self.providers.all(one, one.kind != 'simulator')",
    holds: ({ mode, providers }) => mode !== "live" || providers.every(({ kind }) => kind !== "simulator"),
    field: "mode",
    message: "live takes no simulator, which moves no money: set mode: test, or name real providers",
  },
).describe("What the payment system is to be.");

const metadata = z
  .looseObject({
    name: name("Name of the system; the names of its parts begin with it.", ["shop"]),
    namespace: z.string().max(63).optional().describe("Where its objects are made; the API server fills it in."),
    uid: z.string().max(63).optional().describe("Given by the API server."),
    generation: z.int().max(Number.MAX_SAFE_INTEGER).optional().describe("Given by the API server: it rises with each change of the spec."),
    deletionTimestamp: z.string().max(63).optional().describe("Given by the API server when the resource is being deleted."),
  })
  .describe("Standard object metadata; only the name matters to local mode.");

/** The resource as the cluster and the `--file` of local mode take it. */
export const paymentSystem = z.strictObject({
  apiVersion: z.literal(apiVersion).describe(`Always ${apiVersion}.`),
  kind: z.literal(kind).describe(`Always ${kind}.`),
  metadata,
  spec,
});
