import type { V1ObjectMeta } from "@kubernetes/client-node";
import { apiVersion, kind } from "../../crds/payment-system.ts";
import { label, managedBy } from "../labels.ts";
import type { System } from "../system.ts";

/** Name of a part: `shop-api`. */
export const nameOf = ({ metadata }: Pick<System, "metadata">, part: string): string => `${metadata.name}-${part}`;

/** What finds the pods of one part. It never changes, for a Deployment's selector cannot. */
export const selectorOf = ({ metadata }: Pick<System, "metadata">, part: string) => ({
  [label.instance]: metadata.name,
  [label.component]: part,
});

export const labelsOf = (system: Pick<System, "metadata">, part: string) => ({
  [label.name]: "satang",
  ...selectorOf(system, part),
  [label.managedBy]: managedBy,
});

/** Of an object that goes when its system goes. */
export function metadataOf(system: System, part: string): V1ObjectMeta & { name: string } {
  return { ...keptMetadataOf(system, part), ownerReferences: [ownerOf(system)] };
}

/** Of an object that outlives its system: nobody owns it. */
export function keptMetadataOf(system: System, part: string): V1ObjectMeta & { name: string } {
  return { name: nameOf(system, part), namespace: system.metadata.namespace, labels: labelsOf(system, part) };
}

export const ownerOf = ({ metadata: { name, uid } }: System) => ({
  apiVersion,
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: false,
});
