import type {
  V1ConfigMap,
  V1PodDisruptionBudget,
  V1Role,
  V1RoleBinding,
  V1Service,
  V1ServiceAccount,
  V1StatefulSet,
} from "@kubernetes/client-node";
import type { System } from "../system.ts";
import type { Given } from "./given.ts";
import { metadataOf, nameOf, selectorOf } from "./names.ts";
import { memberLabels, patroniFile, patroniMaps, postgresPart, roleLabel } from "./patroni.ts";
import { postgresMember, settingsPart } from "./postgres-member.ts";
import { statefulSet } from "./stateful-set.ts";
import { databasePort, primaryPart, replicasPart } from "./stores.ts";
import { disruptionBudget, service, serviceAccount } from "./surroundings.ts";

const part = postgresPart;

/** A replica set: a primary and its standbys, which elect among themselves; unless somebody else runs the database. */
export function postgres(
  given: Given,
): (V1ServiceAccount | V1Role | V1RoleBinding | V1ConfigMap | V1Service | V1StatefulSet | V1PodDisruptionBudget)[] {
  const { system } = given;
  const { backend, storage, instances } = system.spec.postgres;
  if (backend === "external") return [];
  return [
    serviceAccount(system, part),
    ...rightsOfMembers(system),
    settings(system),
    headless(system),
    byRole(system, primaryPart, "primary"),
    byRole(system, replicasPart, "replica"),
    statefulSet(system, { part, template: postgresMember(given), storage, members: instances }),
    disruptionBudget(system, part),
  ];
}

/** Of each member that there could be. */
const mostMembers = 9;

/** Members elect over ConfigMaps, and say on their own pods what they are. */
function rightsOfMembers(system: System): [V1Role, V1RoleBinding] {
  const name = nameOf(system, part);
  const pods = Array.from({ length: mostMembers }, (_, ordinal) => `${name}-${ordinal}`);
  const rbac = "rbac.authorization.k8s.io";
  const metadata = metadataOf(system, part);
  return [
    {
      apiVersion: `${rbac}/v1`,
      kind: "Role",
      metadata,
      rules: [
        { apiGroups: [""], resources: ["configmaps"], verbs: ["list", "watch", "create"] }, // names cannot be given to these
        { apiGroups: [""], resources: ["configmaps"], resourceNames: Object.values(patroniMaps(system)), verbs: ["get", "patch"] },
        { apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"] },
        { apiGroups: [""], resources: ["pods"], resourceNames: pods, verbs: ["get", "patch"] },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: rbac, kind: "Role", name },
      subjects: [{ kind: "ServiceAccount", name, namespace: system.metadata.namespace }],
    },
  ];
}

const settings = (system: System): V1ConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: metadataOf(system, settingsPart),
  data: { "patroni.yml": patroniFile(system) },
});

/** Names of single members, also before they are ready. */
function headless(system: System): V1Service {
  const { spec, ...rest } = service(system, part, { name: "postgres", port: databasePort, targetPort: "postgres" });
  return { ...rest, spec: { ...spec, clusterIP: "None", publishNotReadyAddresses: true } };
}

const byRole = (system: System, name: string, role: "primary" | "replica"): V1Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { ...metadataOf(system, name), labels: memberLabels(system) },
  spec: {
    selector: { ...selectorOf(system, part), [roleLabel]: role },
    ports: [{ name: "postgres", port: databasePort, targetPort: "postgres", protocol: "TCP" }],
  },
});
