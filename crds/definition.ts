import { changeRules } from "./changes.ts";
import { apiVersion, kind, paymentSystem } from "./payment-system.ts";
import { type Validation, validationOf, validations } from "./rule.ts";
import { paymentSystemStatus } from "./status.ts";
import { type StructuralSchema, structuralSchema } from "./structural-schema.ts";

const [group, version] = apiVersion.split("/") as [string, string];
const plural = "paymentsystems";

/** The CustomResourceDefinition that makes an API server take PaymentSystems. */
export function customResourceDefinition() {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List`, shortNames: ["psys"], categories: ["satang"] },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [...columns, ...wideColumns.map((column) => ({ ...column, priority: 1 }))],
          schema: { openAPIV3Schema: resourceSchema() },
        },
      ],
    },
  };
}

const ofReady = (field: string): string => `.status.conditions[?(@.type=="Ready")].${field}`;

const columns = [
  { name: "Ready", type: "string", jsonPath: ofReady("status") },
  { name: "Reason", type: "string", jsonPath: ofReady("reason") },
  { name: "API", type: "string", jsonPath: ".status.api.ready" },
  { name: "Workers", type: "string", jsonPath: ".status.workers.ready" },
  { name: "Queued", type: "integer", jsonPath: ".status.workers.queued" },
  { name: "Postgres", type: "string", jsonPath: ".status.postgres.ready" },
  { name: "Redis", type: "string", jsonPath: ".status.redis.ready" },
  { name: "Version", type: "string", jsonPath: ".status.version" },
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
];

const wideColumns = [
  { name: "Primary", type: "string", jsonPath: ".status.postgres.primary" },
  { name: "Master", type: "string", jsonPath: ".status.redis.master" },
  { name: "Oldest", type: "string", jsonPath: ".status.workers.oldest" },
  { name: "URL", type: "string", jsonPath: ".status.url" },
  { name: "Message", type: "string", jsonPath: ofReady("message") },
];

function resourceSchema(): StructuralSchema {
  const { properties = {} } = structuralSchema(paymentSystem);
  const { metadata = {}, spec = {} } = properties;
  return {
    type: "object",
    description: "A payment system, wholly described. Every field of its spec has a default.",
    required: ["spec"],
    properties: {
      apiVersion: { type: "string", description: `Always ${apiVersion}.` },
      kind: { type: "string", description: `Always ${kind}.` },
      metadata: { type: "object", properties: { name: { type: "string" } } }, // the API server has its own schema and allows little more
      spec: { ...spec, [validations]: [...rulesOf(spec), ...changeRules.map(validationOf)] },
      status: structuralSchema(paymentSystemStatus),
    },
    [validations]: rulesOf(metadata.properties?.name).map(ofName),
  };
}

const rulesOf = (schema: StructuralSchema | undefined): Validation[] => (schema?.[validations] ?? []) as Validation[];

// Of metadata, rules may read the name, and only from the top.
const ofName = ({ rule, message }: Validation): Validation => ({
  rule: rule.replace(/^self\b/, "self.metadata.name"),
  message,
  fieldPath: ".metadata.name",
});
