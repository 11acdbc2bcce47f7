import { bytesOf } from "../crds/field.ts";
import type { Kube } from "./kube/kube.ts";
import { KubeError, reasonOf } from "./kube/kube-error.ts";
import { fieldManager } from "./labels.ts";
import type { Objects } from "./objects.ts";

/** A volume that is to be larger. It never shrinks. */
export interface Growth {
  readonly namespace: string;
  readonly claim: string;
  readonly className: string | undefined;
  readonly from: string;
  readonly to: string;
}

/**
 * Volumes of a StatefulSet's pods that are smaller than it asks for. A claim that has no volume yet cannot grow: it gets what the set was made with, and
 * grows after that.
 */
export function growths(set: Named, observed: Objects): Growth[] {
  const to = sizeIn(set);
  const { name, namespace } = set.metadata;
  if (to === undefined) return [];
  return observed
    .list("PersistentVolumeClaim")
    .filter(({ metadata, status }) => isOf(name, metadata.name) && !metadata.deletionTimestamp && status?.phase === "Bound")
    .flatMap(({ metadata, spec }): Growth[] => {
      const from = spec?.resources?.requests?.storage;
      if (from === undefined || bytesOf(from) >= bytesOf(to)) return [];
      return [{ namespace, claim: metadata.name, className: spec?.storageClassName, from, to }];
    });
}

/** The set with the size that it was made with: its templates cannot change, and pods that come later get that first. */
export function withSizeOf<T extends object>(current: object | undefined, set: T): T {
  const size = current && sizeIn(current);
  if (size === undefined || size === sizeIn(set)) return set;
  const { spec, ...rest } = set as T & { spec: WithTemplates };
  const volumeClaimTemplates = spec.volumeClaimTemplates?.map(({ spec, ...template }) => ({
    ...template,
    spec: { ...spec, resources: { requests: { storage: size } } },
  }));
  return { ...rest, spec: { ...spec, volumeClaimTemplates } } as unknown as T;
}

/** Asks for the larger volume; throws `VolumeCannotGrow` where its StorageClass does not let it. */
export async function grow(kube: Kube, { namespace, claim, className, from, to }: Growth): Promise<void> {
  try {
    const spec = { resources: { requests: { storage: to } } };
    await kube.patch("PersistentVolumeClaim", { namespace, name: claim }, { spec }, { fieldManager: fieldManager.objects });
  } catch (error) {
    if (!(error instanceof KubeError) || reasonOf(error) !== "Forbidden") throw error;
    const wayOut = `if the driver of StorageClass ${className ?? "(none)"} can let volumes grow, set its allowVolumeExpansion to true`;
    throw new KubeError(`it stays at ${from}, and what runs goes on with that: ${error.message}; ${wayOut}`, {
      code: 403,
      reason: "VolumeCannotGrow",
    });
  }
}

interface Named {
  readonly metadata: { readonly name: string; readonly namespace: string };
}

interface WithTemplates {
  readonly volumeClaimTemplates?: readonly {
    readonly spec?: { readonly resources?: { readonly requests?: { readonly storage?: string } } };
  }[];
}

const sizeIn = (set: object): string | undefined =>
  (set as { spec?: WithTemplates }).spec?.volumeClaimTemplates?.[0]?.spec?.resources?.requests?.storage;

const isOf = (set: string, claim: string): boolean => claim.startsWith(`data-${set}-`) && /^\d+$/.test(claim.slice(`data-${set}-`.length));
