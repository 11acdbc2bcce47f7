import { createHash } from "node:crypto";
import type { Metadata } from "./kube/kinds.ts";
import type { Intent } from "./kube/kube.ts";
import { intentAnnotation } from "./labels.ts";
import { type Objects, type OwnedKind, ownedKinds } from "./objects.ts";
import { ownsAll } from "./owns.ts";
import type { Move } from "./postgres/moves.ts";
import { type Growth, growths, withSizeOf } from "./volumes.ts";

/** One thing to do. Each may be done again, and by whoever comes after us. */
export type Step =
  | { readonly do: "apply"; readonly intent: NamedIntent; readonly isNew: boolean }
  /** Apart from the rest, so that it can be left to an autoscaler without giving up the field, which would set it to 1. */
  | { readonly do: "scale"; readonly intent: NamedIntent; readonly replicas: number }
  | { readonly do: "remove"; readonly kind: OwnedKind; readonly metadata: Metadata }
  | { readonly do: "grow"; readonly growth: Growth }
  | { readonly do: "steer"; readonly move: Move };

/** One of ours: of a kind that is watched. */
export interface NamedIntent extends Intent {
  apiVersion: string;
  kind: OwnedKind;
  metadata: Pick<Metadata, "name" | "labels" | "annotations" | "ownerReferences"> & { namespace: string };
}

/** What has to be done so that what is there becomes what is to be; nothing, where it is so already. */
export function plan(desired: readonly Intent[], observed: Objects): Step[] {
  const intents = desired as readonly NamedIntent[];
  const names = new Set(intents.map(nameOf));
  return [...intents.flatMap((intent) => stepsFor(intent, observed)), ...ownedKinds.flatMap((kind) => removals(kind, names, observed))];
}

function stepsFor(whole: NamedIntent, observed: Objects): Step[] {
  const { intent, replicas } = withoutReplicas(whole);
  const current = observed.get(intent.kind, intent.metadata.name);
  const signed = withSignature(intent.kind === "StatefulSet" ? withSizeOf(current, intent) : intent);
  const isSo = current !== undefined && isSigned(current.metadata, signed) && ownsAll(current.metadata, signed);
  const hasReplicas = replicas === undefined || (current as { spec?: { replicas?: number } } | undefined)?.spec?.replicas === replicas;
  return [
    ...(isSo ? [] : [{ do: "apply", intent: signed, isNew: current === undefined } as const]),
    ...(hasReplicas ? [] : [{ do: "scale", intent, replicas } as const]),
    ...(intent.kind === "StatefulSet" ? growths(intent, observed).map((growth) => ({ do: "grow", growth }) as const) : []),
  ];
}

/**
 * A pod or a volume is nobody's to remove here, credentials outlive what they were made for, ConfigMaps with our labels are Patroni's too, and a replica set
 * has its rights for as long as there is a system.
 */
const kept: ReadonlySet<OwnedKind> = new Set<OwnedKind>(["Pod", "PersistentVolumeClaim", "Secret", "ConfigMap", "Role", "RoleBinding"]);
const removable: ReadonlySet<OwnedKind> = new Set(ownedKinds.filter((kind) => !kept.has(kind)));

function removals(kind: OwnedKind, names: ReadonlySet<string>, observed: Objects): Step[] {
  if (!removable.has(kind)) return [];
  return observed
    .list(kind)
    .filter(({ metadata }) => !names.has(nameOf({ kind, metadata })) && metadata.deletionTimestamp === undefined)
    .map(({ metadata }) => ({ do: "remove", kind, metadata }));
}

function withoutReplicas(whole: NamedIntent): { intent: NamedIntent; replicas?: number | undefined } {
  if (whole.kind !== "Deployment") return { intent: whole };
  const { spec, ...rest } = whole as NamedIntent & { spec: { replicas?: number } };
  const { replicas, ...others } = spec;
  return { intent: { ...rest, spec: others } as NamedIntent, replicas };
}

/** What we last asked for is remembered by the object itself, so an operator that was started anew need not ask again. */
function withSignature(intent: NamedIntent): NamedIntent {
  const signature = createHash("sha256").update(JSON.stringify(intent)).digest("hex").slice(0, 16);
  const annotations = { ...intent.metadata.annotations, [intentAnnotation]: signature };
  return { ...intent, metadata: { ...intent.metadata, annotations } };
}

const isSigned = ({ annotations }: Metadata, { metadata }: NamedIntent): boolean =>
  annotations?.[intentAnnotation] === metadata.annotations?.[intentAnnotation];

const nameOf = ({ kind, metadata }: { kind: OwnedKind; metadata: { name: string } }): string => `${kind}/${metadata.name}`;
