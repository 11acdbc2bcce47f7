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
import { followsLabel, memberLabels, patroniFile, patroniMaps, roleLabel } from "./patroni.ts";
import { postgresMember } from "./postgres-member.ts";
import { primaryPart, replicasPart, settingsPart, shardParts } from "./shards.ts";
import { statefulSet } from "./stateful-set.ts";
import { databasePort } from "./stores.ts";
import { disruptionBudget, service, serviceAccount } from "./surroundings.ts";

type PartOfReplicaSet = V1ServiceAccount | V1Role | V1RoleBinding | V1ConfigMap | V1Service | V1StatefulSet | V1PodDisruptionBudget;

/** A replica set for each shard, with one login and one set of passwords for all; unless somebody else runs the database. */
export const postgres = (given: Given): PartOfReplicaSet[] => shardParts(given.system).flatMap((part) => replicaSet(given, part));

/** A primary and its standbys, which elect among themselves. */
function replicaSet(given: Given, part: string): PartOfReplicaSet[] {
  const { system } = given;
  const { storage, instances } = system.spec.postgres;
  return [
    serviceAccount(system, part),
    ...rightsOfMembers(system, part),
    settings(given, part),
    headless(system, part),
    byRole(system, part, "primary"),
    byRole(system, part, "replica"),
    statefulSet(system, { part, template: postgresMember(given, part), storage, members: instances }),
    disruptionBudget(system, part),
  ];
}

/** Of each member that there could be. */
const mostMembers = 9;

/** Members elect over ConfigMaps, and say on their own pods what they are. */
function rightsOfMembers(system: System, part: string): [V1Role, V1RoleBinding] {
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
        { apiGroups: [""], resources: ["configmaps"], resourceNames: Object.values(patroniMaps(system, part)), verbs: ["get", "patch"] },
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

const settings = ({ system, encryption }: Given, part: string): V1ConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: metadataOf(system, settingsPart(part)),
  data: { "patroni.yml": patroniFile(system, part, encryption) },
});

/** Names of single members, also before they are ready. */
function headless(system: System, part: string): V1Service {
  const { spec, ...rest } = service(system, part, { name: "postgres", port: databasePort, targetPort: "postgres" });
  return { ...rest, spec: { ...spec, clusterIP: "None", publishNotReadyAddresses: true } };
}

const byRole = (system: System, part: string, role: "primary" | "replica"): V1Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { ...metadataOf(system, role === "primary" ? primaryPart(part) : replicasPart(part)), labels: memberLabels(system, part) },
  spec: {
    selector: { ...selectorOf(system, part), [roleLabel]: role, ...(role === "replica" && { [followsLabel]: "closely" }) },
    ports: [{ name: "postgres", port: databasePort, targetPort: "postgres", protocol: "TCP" }],
  },
});
