import type { V1PolicyRule } from "@kubernetes/client-node";
import { clusterRights, ownRights, rights } from "../operator/install/rights.ts";
import { type Schema, valuesSchema } from "./values-schema.ts";
import { isGroup } from "./values-yaml.ts";

/** README.md of the chart. */
export const readme = (): string => `# satang-operator

<!-- Made from charts/*.ts by \`npm run generate\`. Change those. -->

Installs the operator that makes a payment system of each \`PaymentSystem\`: API, workers, Postgres and Redis. Helm 4 and Helm 3 make the same
of it.

\`\`\`sh
helm install satang-operator charts/satang-operator --namespace satang-system --create-namespace --wait \\
  --set image.registry=registry.example.com/team
\`\`\`

The registry must hold the images of this version; [docs/install.md](../../docs/install.md) says how they are built. What Helm prints then is the
next command, whole: a first PaymentSystem, and \`helm test\`, which makes one payment in it.

- **The definition follows the release**: it is a template, so \`helm upgrade\` upgrades it, and it is kept when the release is uninstalled, with all
  PaymentSystems, their volumes and their Secrets. What runs goes on running. Installing again takes it all up again.
- **One namespace, or some**: \`--set watchNamespaces={shop,trade}\` gives the operator a Role in each and no ClusterRole. It then
  scales pools itself, for external metrics are served for a whole cluster. The definition itself needs
  somebody who may make it: \`--set crds.install=false\` leaves it to them.
- **Monitoring**: \`metrics.podMonitor.enabled\`, \`metrics.prometheusRule.enabled\` (each alert has [a page](../../docs/runbooks/README.md)) and
  \`dashboards.enabled\`. Each is off until asked for; the first two need the Prometheus operator's CRDs.
- **A value that is not known, or not of its kind, is refused** before anything is sent.

## Values

| value | type | default | meaning |
| --- | --- | --- | --- |
${rowsOf(valuesSchema(), "").join("\n")}

## What the operator may do

In every namespace, or in those of \`watchNamespaces\`:

${tableOf(rights)}

Without \`watchNamespaces\`, for the autoscaling of worker pools by external metrics:

${tableOf(clusterRights("satang-operator"))}

In its own namespace, to be elected and for its certificates:

${tableOf(ownRights("satang-operator"))}
`;

function rowsOf({ properties = {} }: Schema, path: string): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const inner = isGroup(schema) ? rowsOf(schema, `${path}${name}.`) : [];
    const otherwise = isGroup(schema) || schema.default === undefined ? "" : code(JSON.stringify(schema.default));
    return [`| ${code(path + name)} | ${typeOf(schema)} | ${otherwise} | ${cell(schema.description ?? "")} |`, ...inner];
  });
}

const typeOf = ({ type, enum: choices, items }: Schema): string =>
  choices ? choices.map(code).join(", ") : type === "array" ? `list${items?.type ? ` of ${items.type}` : ""}` : (type ?? "any");

function tableOf(rules: readonly V1PolicyRule[]): string {
  const rows = rules.map(({ apiGroups = [], resources = [], resourceNames, verbs }) => {
    const names = resourceNames ? ` named ${resourceNames.map(code).join(", ")}` : "";
    return `| ${apiGroups.map((group) => group || "core").join(", ")} | ${resources.join(", ")}${names} | ${verbs.join(", ")} |`;
  });
  return ["| group | what | may |", "| --- | --- | --- |", ...rows].join("\n");
}

const code = (text: string): string => `\`${cell(text)}\``;
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
