import type { ObjectOf } from "./kube/kinds.ts";

/** Kinds that a system is made of. All are watched, by the label `managedBy`; a ScaledObject only where KEDA is. */
export const ownedKinds = [
  "Secret",
  "ServiceAccount",
  "Role",
  "RoleBinding",
  "ConfigMap",
  "Service",
  "StatefulSet",
  "Deployment",
  "HorizontalPodAutoscaler",
  "ScaledObject",
  "Job",
  "PodDisruptionBudget",
  "NetworkPolicy",
  "Ingress",
  "PersistentVolumeClaim",
  "Pod",
] as const;
export type OwnedKind = (typeof ownedKinds)[number];

/** What is there of one system, as it was a moment ago. */
export interface Objects {
  get<K extends OwnedKind>(kind: K, name: string): ObjectOf<K> | undefined;
  list<K extends OwnedKind>(kind: K): ObjectOf<K>[];
}
