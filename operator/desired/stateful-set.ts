import type { V1PodTemplateSpec, V1StatefulSet } from "@kubernetes/client-node";
import type { System } from "../system.ts";
import { labelsOf, metadataOf, nameOf, selectorOf } from "./names.ts";

interface Options {
  readonly part: string;
  readonly template: V1PodTemplateSpec;
  /** Of a replica set: they start together, and are renewed by us, in the order that their roles ask for. Left out: a single pod. */
  readonly members?: number | undefined;
  /** The volume `data` of each pod. */
  readonly storage: { readonly size: string; readonly className?: string | undefined };
}

/** Pods with a volume each, which outlives them, and outlives the system unless that says otherwise. */
export function statefulSet(system: System, { part, template, members, storage }: Options): V1StatefulSet {
  const { size, className } = storage;
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: metadataOf(system, part),
    spec: {
      replicas: members ?? 1,
      ...(members !== undefined && { podManagementPolicy: "Parallel", updateStrategy: { type: "OnDelete" } }),
      revisionHistoryLimit: 3,
      serviceName: nameOf(system, part),
      selector: { matchLabels: selectorOf(system, part) },
      template,
      volumeClaimTemplates: [
        {
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          metadata: { name: "data", labels: labelsOf(system, part) },
          spec: {
            accessModes: ["ReadWriteOnce"],
            ...(className && { storageClassName: className }),
            resources: { requests: { storage: size } },
          },
        },
      ],
      persistentVolumeClaimRetentionPolicy: { whenDeleted: system.spec.deletionPolicy, whenScaled: "Retain" },
    },
  };
}
