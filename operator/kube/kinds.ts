import type {
  EventsV1Event,
  V1APIService,
  V1ClusterRole,
  V1ConfigMap,
  V1CronJob,
  V1CustomResourceDefinition,
  V1Deployment,
  V1EndpointSlice,
  V1Ingress,
  V1Job,
  V1Lease,
  V1Namespace,
  V1NetworkPolicy,
  V1ObjectMeta,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1ReplicaSet,
  V1Role,
  V1RoleBinding,
  V1Secret,
  V1Service,
  V1ServiceAccount,
  V1StatefulSet,
  V1SubjectAccessReview,
  V2HorizontalPodAutoscaler,
} from "@kubernetes/client-node";

/** Every kind that the operator deals with, and where the API server keeps it. A kind that is missing here is one line more. */
export const kinds = {
  PaymentSystem: namespaced<{ spec: unknown; status?: unknown }>("satang.dev/v1alpha1", "paymentsystems"),

  ConfigMap: namespaced<V1ConfigMap>("v1", "configmaps"),
  PersistentVolumeClaim: namespaced<V1PersistentVolumeClaim>("v1", "persistentvolumeclaims"),
  Pod: namespaced<V1Pod>("v1", "pods"),
  Secret: namespaced<V1Secret>("v1", "secrets"),
  Service: namespaced<V1Service>("v1", "services"),
  ServiceAccount: namespaced<V1ServiceAccount>("v1", "serviceaccounts"),
  Namespace: clusterWide<V1Namespace>("v1", "namespaces"),

  Deployment: namespaced<V1Deployment>("apps/v1", "deployments"),
  ReplicaSet: namespaced<V1ReplicaSet>("apps/v1", "replicasets"),
  StatefulSet: namespaced<V1StatefulSet>("apps/v1", "statefulsets"),
  CronJob: namespaced<V1CronJob>("batch/v1", "cronjobs"),
  Job: namespaced<V1Job>("batch/v1", "jobs"),
  HorizontalPodAutoscaler: namespaced<V2HorizontalPodAutoscaler>("autoscaling/v2", "horizontalpodautoscalers"),
  PodDisruptionBudget: namespaced<V1PodDisruptionBudget>("policy/v1", "poddisruptionbudgets"),
  EndpointSlice: namespaced<V1EndpointSlice>("discovery.k8s.io/v1", "endpointslices"),
  Ingress: namespaced<V1Ingress>("networking.k8s.io/v1", "ingresses"),
  NetworkPolicy: namespaced<V1NetworkPolicy>("networking.k8s.io/v1", "networkpolicies"),
  Role: namespaced<V1Role>("rbac.authorization.k8s.io/v1", "roles"),
  RoleBinding: namespaced<V1RoleBinding>("rbac.authorization.k8s.io/v1", "rolebindings"),
  Lease: namespaced<V1Lease>("coordination.k8s.io/v1", "leases"),
  Event: namespaced<EventsV1Event>("events.k8s.io/v1", "events"),

  ClusterRole: clusterWide<V1ClusterRole>("rbac.authorization.k8s.io/v1", "clusterroles"),
  APIService: clusterWide<V1APIService>("apiregistration.k8s.io/v1", "apiservices"),
  CustomResourceDefinition: clusterWide<V1CustomResourceDefinition>("apiextensions.k8s.io/v1", "customresourcedefinitions"),
  SubjectAccessReview: clusterWide<V1SubjectAccessReview>("authorization.k8s.io/v1", "subjectaccessreviews"),

  // Of KEDA, where it is installed.
  ScaledObject: namespaced<{ spec: unknown; status?: unknown }>("keda.sh/v1alpha1", "scaledobjects"),
};

export type Kind = keyof typeof kinds;

/** An object of one kind as the API server tells it: JSON, so a time is a text. */
export type ObjectOf<K extends Kind> = Json<NonNullable<(typeof kinds)[K]["type"]>> & KubeObject<K>;

/** What every object has that the API server tells of. */
export interface KubeObject<K extends Kind = Kind> {
  apiVersion: string;
  kind: K;
  metadata: Metadata;
}
export type Metadata = Json<V1ObjectMeta> & { name: string; uid: string; resourceVersion: string };

/** As JSON carries it; the library's types speak of `Date`. */
export type Json<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Json<Item>[]
    : T extends object
      ? { [Field in keyof T]: Json<T[Field]> }
      : T;

interface Resource<T> {
  apiVersion: string;
  /** As it stands in the path: `deployments`. */
  plural: string;
  namespaced: boolean;
  /** Only for the type checker: never there. */
  type?: T;
}

function namespaced<T>(apiVersion: string, plural: string): Resource<T> {
  return { apiVersion, plural, namespaced: true };
}

function clusterWide<T>(apiVersion: string, plural: string): Resource<T> {
  return { apiVersion, plural, namespaced: false };
}
