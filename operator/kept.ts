import { LRUCache } from "lru-cache";
import type { Kind, Metadata, ObjectOf } from "./kube/kinds.ts";
import { fieldManager } from "./labels.ts";
import type { OwnedKind } from "./objects.ts";

/**
 * What is kept in memory of each object that is watched: what a pass looks at, and no more. Who owns which field is what tells whether somebody has
 * changed what we set, so that specs need not be kept to compare them.
 */
export const kept: { readonly [K in OwnedKind]: (object: ObjectOf<K>) => ObjectOf<K> } = {
  Secret: ({ data, ...object }) => ({ ...bare(object), ...(data && { data }) }),
  ServiceAccount: bare,
  Role: bare,
  RoleBinding: bare,
  ConfigMap: bare, // what Patroni keeps in its own stands in annotations
  Service: bare,
  StatefulSet: ({ spec, status, ...object }) => {
    const volumeClaimTemplates = spec?.volumeClaimTemplates?.map((claim) => ({ spec: { resources: claim.spec?.resources } }));
    return { ...bare(object), spec: { replicas: spec?.replicas, volumeClaimTemplates }, status } as unknown as ObjectOf<"StatefulSet">;
  },
  Deployment: ({ spec, status, ...object }) => {
    const containers = spec?.template.spec?.containers.map(({ name, image }) => ({ name, image }));
    return {
      ...bare(object),
      spec: { replicas: spec?.replicas, template: { spec: { containers } } },
      status,
    } as unknown as ObjectOf<"Deployment">;
  },
  HorizontalPodAutoscaler: ({ spec, status, ...object }) => {
    const { scaleTargetRef, minReplicas, maxReplicas } = spec ?? {};
    const told = { currentReplicas: status?.currentReplicas, desiredReplicas: status?.desiredReplicas, conditions: status?.conditions };
    return {
      ...bare(object),
      spec: { scaleTargetRef, minReplicas, maxReplicas },
      status: told,
    } as unknown as ObjectOf<"HorizontalPodAutoscaler">;
  },
  ScaledObject: ({ status, ...object }) => ({ ...bare(object), spec: undefined, ...(status !== undefined && { status }) }),
  Job: ({ status, ...object }) => ({ ...bare(object), ...(status && { status }) }),
  PodDisruptionBudget: bare,
  NetworkPolicy: bare,
  Ingress: bare,
  PersistentVolumeClaim: ({ spec, status, ...object }) => {
    const { resources, storageClassName } = spec ?? {};
    return { ...bare(object), spec: { resources, storageClassName }, status } as unknown as ObjectOf<"PersistentVolumeClaim">;
  },
  Pod: ({ status, ...object }) => ({ ...bare(object), ...(status && { status }) }),
};

export const keptSystem = (object: ObjectOf<"PaymentSystem">): ObjectOf<"PaymentSystem"> => ({
  ...object,
  metadata: { ...object.metadata, managedFields: [] },
});

function bare<K extends Kind>({ apiVersion, kind, metadata }: Pick<ObjectOf<K>, "apiVersion" | "kind" | "metadata">): ObjectOf<K> {
  return { apiVersion, kind, metadata: { ...metadata, managedFields: ourFields(metadata) } } as unknown as ObjectOf<K>;
}

function ourFields({ managedFields = [] }: Metadata): NonNullable<Metadata["managedFields"]> {
  return managedFields
    .filter(({ manager, operation, subresource }) => manager === fieldManager.objects && operation === "Apply" && !subresource)
    .map((entry) => ({ ...entry, fieldsV1: interned(entry.fieldsV1 ?? {}) }));
}

/** The same parts of a hundred systems own the same fields: they share what says so. */
const shapes = new LRUCache<string, object>({ max: 2000 });

function interned(fields: object): object {
  const text = JSON.stringify(fields);
  const known = shapes.get(text);
  if (known) return known;
  shapes.set(text, fields);
  return fields;
}
