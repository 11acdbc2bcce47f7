import type { V1ClusterRole, V1ClusterRoleBinding, V1Namespace, V1Role, V1RoleBinding, V1ServiceAccount } from "@kubernetes/client-node";
import { customResourceDefinition } from "../../crds/definition.ts";
import { type Images, operatorDeployment } from "./deployment.ts";
import { clusterRights, ownRights, peoplesRights, rights } from "./rights.ts";
import { operatorTraffic } from "./traffic.ts";

export type Installation = Images & { readonly namespace: string };

const operatorName = "satang-operator";
const rbac = "rbac.authorization.k8s.io";

/** Everything that makes a cluster take PaymentSystems, in the order in which it is to be applied. */
export function installationObjects(installation: Installation): object[] {
  const { namespace } = installation;
  const metadata = { name: operatorName, namespace, labels: { "app.kubernetes.io/name": operatorName } };
  const clusterWide = { name: operatorName, labels: metadata.labels };
  const subjects = [{ kind: "ServiceAccount", name: operatorName, namespace }];
  const of = (kind: "Role" | "ClusterRole") => ({ apiGroup: rbac, kind, name: operatorName });

  const home: V1Namespace = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  };
  const account: V1ServiceAccount = { apiVersion: "v1", kind: "ServiceAccount", metadata };
  const clusterRole: V1ClusterRole = {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRole",
    metadata: clusterWide,
    rules: [...rights, ...clusterRights(operatorName)],
  };
  const clusterRoleBinding: V1ClusterRoleBinding = {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata: clusterWide,
    roleRef: of("ClusterRole"),
    subjects,
  };
  const role: V1Role = { apiVersion: `${rbac}/v1`, kind: "Role", metadata, rules: ownRights(operatorName) };
  const roleBinding: V1RoleBinding = { apiVersion: `${rbac}/v1`, kind: "RoleBinding", metadata, roleRef: of("Role"), subjects };

  return [
    customResourceDefinition(),
    home,
    account,
    clusterRole,
    clusterRoleBinding,
    role,
    roleBinding,
    ...forPeople(),
    ...operatorTraffic(metadata),
    ...operatorDeployment(installation, metadata),
  ];
}

const forPeople = (): V1ClusterRole[] => [
  peoplesRole("view", ["view"]),
  peoplesRole("edit", ["edit", "admin"]), // the cluster's own roles, to which it is added
];

function peoplesRole(what: keyof typeof peoplesRights, addedTo: readonly string[]): V1ClusterRole {
  const labels = Object.fromEntries(addedTo.map((role) => [`${rbac}/aggregate-to-${role}`, "true"]));
  return { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name: `satang-${what}`, labels }, rules: peoplesRights[what] };
}
