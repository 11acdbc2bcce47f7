import type { V1PolicyRule } from "@kubernetes/client-node";
import { apiServiceName } from "../metrics-api/registration.ts";
import { certificatesSecret } from "../metrics-api/run.ts";

const watch = ["list", "watch"];
const make = ["get", ...watch, "create", "patch"]; // server-side apply is a patch
const keep = [...make, "delete"];

/** What the operator may do in every namespace: no more than it asks for, as a test counts. */
export const rights: V1PolicyRule[] = [
  { apiGroups: ["satang.dev"], resources: ["paymentsystems"], verbs: watch },
  { apiGroups: ["satang.dev"], resources: ["paymentsystems/status"], verbs: ["patch"] },
  { apiGroups: ["satang.dev"], resources: ["paymentsystems/finalizers"], verbs: ["update"] }, // some clusters ask it of whoever names an owner
  { apiGroups: [""], resources: ["secrets", "configmaps"], verbs: make }, // removed by their owner's end only
  { apiGroups: [""], resources: ["services", "serviceaccounts"], verbs: keep },
  { apiGroups: [""], resources: ["pods"], verbs: ["get", ...watch, "patch", "delete"] },
  { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: [...watch, "patch"] },
  // It can hand on no right that it does not have itself: members of a replica set elect over ConfigMaps and label their own pods.
  { apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles", "rolebindings"], verbs: make },
  { apiGroups: ["apps"], resources: ["deployments", "statefulsets"], verbs: keep },
  { apiGroups: ["batch"], resources: ["jobs"], verbs: keep },
  { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"], verbs: keep },
  { apiGroups: ["keda.sh"], resources: ["scaledobjects"], verbs: keep }, // where KEDA is
  { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: keep },
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses", "networkpolicies"], verbs: keep },
  { apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"] }, // may who asks for a metric have it?
  { apiGroups: ["events.k8s.io"], resources: ["events"], verbs: ["get", "list", "create", "patch"] },
];

/** What it may do beyond namespaces, with these objects alone: be the server of external metrics, for as long as the role that says so is there. */
export const clusterRights = (clusterRole: string): V1PolicyRule[] => [
  { apiGroups: ["apiregistration.k8s.io"], resources: ["apiservices"], resourceNames: [apiServiceName], verbs: ["get", "create", "patch"] },
  { apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"], resourceNames: [clusterRole], verbs: ["get"] },
  // Some clusters ask it of whoever names an owner.
  { apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles/finalizers"], resourceNames: [clusterRole], verbs: ["update"] },
];

/** What it may do in its own namespace only: be elected, and renew its certificates. A Lease that is not there yet cannot be named in the right to make it. */
export const ownRights = (lease: string): V1PolicyRule[] => [
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], resourceNames: [lease], verbs: ["get", "update"] },
  { apiGroups: [""], resources: ["secrets"], resourceNames: [certificatesSecret], verbs: ["get", "update"] },
];

/** For people: who may edit or view a namespace may do so with its PaymentSystems. */
export const peoplesRights = {
  view: [{ apiGroups: ["satang.dev"], resources: ["paymentsystems"], verbs: ["get", ...watch] }],
  edit: [{ apiGroups: ["satang.dev"], resources: ["paymentsystems"], verbs: ["get", ...watch, "create", "update", "patch", "delete"] }],
} satisfies Record<string, V1PolicyRule[]>;
