import { type Kind, kinds } from "./kinds.ts";
import type { Intent, Name, Subresource } from "./kube.ts";

/** Path of one object. Throws on a name that is not whole: that is our fault, never the cluster's. */
export function pathOf(kind: Kind, { namespace, name }: Name, subresource?: Subresource): string {
  const { namespaced } = kinds[kind];
  if (name === "") throw new Error(`a ${kind} without a name`);
  if (namespaced && !namespace) throw new Error(`${kind} ${name} needs a namespace`);
  const path = `${pathOfAll(kind, namespaced ? namespace : undefined)}/${encodeURIComponent(name)}`;
  return subresource ? `${path}/${subresource}` : path;
}

/** Where a new object is sent. Its name is in it, or the server makes one. */
export function pathOfNew(kind: Kind, { namespace, name }: Name): string {
  if (kinds[kind].namespaced && !namespace) throw new Error(`${kind} ${name} needs a namespace`);
  return pathOfAll(kind, kinds[kind].namespaced ? namespace : undefined);
}

/** Path of all objects of a kind, or of those of a namespace. */
export function pathOfAll(kind: Kind, namespace?: string): string {
  const { apiVersion, plural } = kinds[kind];
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespace ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}` : `${root}/${plural}`;
}

/** Kind and name of an object that is to be. */
export function identify({ apiVersion, kind, metadata }: Intent): { kind: Kind; name: Name } {
  const known = Object.hasOwn(kinds, kind ?? "") ? (kind as Kind) : undefined;
  if (!known || kinds[known].apiVersion !== apiVersion) throw new Error(`no kind ${kind} of ${apiVersion} in operator/kube/kinds.ts`);
  return { kind: known, name: { namespace: metadata?.namespace, name: metadata?.name ?? "" } };
}
