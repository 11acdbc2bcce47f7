import { z } from "zod";
import { monitoringValues } from "./monitoring-values.ts";
import { podValues } from "./pod-values.ts";
import { list, map, native, object, text } from "./value.ts";

/** What whoever installs the chart may set: the source of values.yaml, of values.schema.json and of the table in the chart's README. */
export const values = z.strictObject({
  fullnameOverride: text("", "Name of the objects; left out: that of the release, with the chart's behind it unless it says so already."),
  commonLabels: map("Labels of every object."),
  commonAnnotations: map("Annotations of every object."),

  image: object("Where the images of this version are: satang-operator, satang-workloads, satang-postgres, satang-redis.", {
    registry: text("", "Registry and path, such as registry.example.com/team. It must be set."),
    repository: text("satang-operator", "Name of the operator's image in it."),
    tag: text("", "Tag of all images; left out: the version of the chart's application."),
    digest: text("", "Digest of the operator's image (sha256:…); it counts more than the tag.", /^(sha256:[0-9a-f]{64})?$/),
    pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]).default("IfNotPresent").describe("When the operator's image is pulled."),
  }),
  operandImages: object("Whole names of the images for systems that name none; left out: those of the registry and tag above.", {
    workloads: text("", "API, dispatcher, workers, simulator and migrations."),
    postgres: text("", "Postgres with Patroni."),
    redis: text("", "Redis with Sentinel."),
  }),
  imagePullSecrets: list(
    z.strictObject({ name: z.string().min(1).describe("Name of the Secret.") }),
    "Secrets to pull the operator's image with.",
  ),

  crds: object("The definition of PaymentSystem.", {
    install: z
      .boolean()
      .default(true)
      .describe("Install and upgrade it with this release. false: apply crds/payment-system.yaml yourself, before."),
    keep: z
      .boolean()
      .default(true)
      .describe("Keep it when the release is uninstalled. With it would go every PaymentSystem of the cluster."),
    annotations: map("Annotations of it, such as argocd.argoproj.io/sync-options: ServerSideApply=true."),
  }),

  watchNamespaces: list(
    z
      .string()
      .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
      .describe("Name of a namespace."),
    "Namespaces whose PaymentSystems this operator takes. They must be there; the operator gets a Role in each, and no ClusterRole. Empty: all namespaces.",
  ),

  serviceAccount: object("As whom the operator speaks to the API server.", {
    create: z.boolean().default(true).describe("Make it."),
    name: text("", "Name of it; left out: that of the other objects."),
    annotations: map("Annotations of it."),
  }),
  rbac: object("What the operator, and people, may do.", {
    create: z.boolean().default(true).describe("Make roles and their bindings."),
    aggregateClusterRoles: z
      .boolean()
      .default(true)
      .describe("Let whoever may view or edit a namespace do so with its PaymentSystems. Not with watchNamespaces: it needs ClusterRoles."),
  }),

  ...podValues,

  podDisruptionBudget: object("How many pods of the operator may be away when nodes are drained.", {
    enabled: z.boolean().default(true).describe("Make it."),
    maxUnavailable: z.int().min(1).max(10).default(1).describe("So many."),
  }),
  networkPolicy: object("Who may speak with the operator, and with whom it may speak.", {
    enabled: z.boolean().default(true).describe("Make a NetworkPolicy: metrics from pods of the cluster, and the API server."),
    restrictEgress: z.boolean().default(false).describe("Bound also with whom it may speak: DNS, the API server, and what it runs."),
    apiServerPorts: list(
      z.int().min(1).max(65_535),
      "With restrictEgress: ports of the API server, on any address, for it is seldom a pod.",
      [443, 6443],
    ),
    extraIngress: list(native, "More rules of who may speak with it."),
    extraEgress: list(native, "With restrictEgress: more rules of with whom it may speak."),
  }),

  logging: object("What the operator writes, as lines of JSON.", {
    level: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info").describe("The least that is written."),
  }),
  ...monitoringValues,

  test: object("`helm test` makes one payment in a PaymentSystem and waits until it is settled.", {
    enabled: z.boolean().default(true).describe("Have the test."),
    system: text("shop", "Name of the PaymentSystem.", /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/),
    namespace: text("", "Where it is; left out: default, or the first of watchNamespaces."),
    waitSeconds: z.int().min(10).max(3600).default(300).describe("How long the payment may take, the system's start included."),
  }),

  extraObjects: list(z.union([native, z.string()]), "More objects, as objects or as text; {{ }} in them is filled in."),

  global: z.looseObject({}).optional().describe("Not read. Here because Helm hands it to each dependency of another chart."),
  enabled: z.boolean().optional().describe("Not read. Here for charts that depend on this one under a condition."),
});
