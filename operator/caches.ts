import { kept, keptSystem } from "./kept.ts";
import type { ObjectOf } from "./kube/kinds.ts";
import type { Kube } from "./kube/kube.ts";
import type { Handlers } from "./kube/object-cache.ts";
import { type Reflector, reflect } from "./kube/reflector.ts";
import { label, ours } from "./labels.ts";
import { type Objects, type OwnedKind, ownedKinds } from "./objects.ts";
import { isPulse } from "./postgres/pulse.ts";

/** The systems of the cluster and all that is made of them, a moment late. */
export interface Caches {
  readonly systems: Pick<Reflector<"PaymentSystem">, "get" | "list">;
  /** What belongs to one system. */
  objectsOf(namespace: string, instance: string): Objects;
  /** Whether an autoscaler, whoever made it, sets how many pods a Deployment has. */
  isAutoscaled(namespace: string, deployment: string): boolean;
  whenSynced(): Promise<unknown>;
  readonly synced: boolean;
  /** Of the kind that has heard nothing for the longest time. */
  stalenessSeconds(): number;
  stop(): Promise<unknown>;
}

type OnChange = (namespace: string, system: string) => void;

/** Begins to watch. `onChange` hears of each system that something has changed of, also when only its status has. */
export function watchAll(kube: Kube, onChange: OnChange, onTrouble: (error: Error) => void): Caches {
  const systems = reflect(kube, "PaymentSystem", {
    keep: keptSystem,
    onTrouble,
    handlers: told(({ metadata: { namespace = "", name } }) => onChange(namespace, name)),
  });
  const autoscalers = reflect(kube, "HorizontalPodAutoscaler", { keep: kept.HorizontalPodAutoscaler, onTrouble });
  const owned = new Map<OwnedKind, Reflector<OwnedKind>>();
  for (const kind of ownedKinds) owned.set(kind, reflectOwned(kube, kind, onChange, onTrouble));
  const all = [systems, autoscalers, ...owned.values()];

  const reflectorOf = <K extends OwnedKind>(kind: K) => owned.get(kind) as unknown as Reflector<K>;
  return {
    systems,
    objectsOf: (namespace, instance) => ({
      get(kind, name) {
        const found = reflectorOf(kind).get(namespace, name);
        return found && instanceOf(found) === instance ? found : undefined;
      },
      list: (kind) =>
        reflectorOf(kind)
          .list(namespace)
          .filter((object) => instanceOf(object) === instance),
    }),
    isAutoscaled: (namespace, deployment) =>
      autoscalers.list(namespace).some(({ spec }) => spec?.scaleTargetRef.kind === "Deployment" && spec.scaleTargetRef.name === deployment),
    whenSynced: () => Promise.all(all.map((one) => one.whenSynced())),
    get synced() {
      return all.every((one) => one.synced);
    },
    stalenessSeconds: () => Math.max(...all.map((one) => one.stalenessSeconds())),
    stop: () => Promise.all(all.map((one) => one.stop())),
  };
}

function reflectOwned<K extends OwnedKind>(
  kube: Kube,
  kind: K,
  onChange: OnChange,
  onTrouble: (error: Error) => void,
): Reflector<OwnedKind> {
  const handlers = told<K>((object) => {
    const instance = instanceOf(object);
    if (instance) onChange(object.metadata.namespace ?? "", instance);
  });
  const isNothing = isPulse as unknown as (before: ObjectOf<K>, after: ObjectOf<K>) => boolean;
  if (kind === "Pod" || kind === "ConfigMap")
    handlers.update = (object, before) => {
      if (!isNothing(before, object)) handlers.add?.(object);
    };
  const keep = kept[kind] as (object: ObjectOf<K>) => ObjectOf<K>;
  return reflect(kube, kind, { labelSelector: ours, keep, handlers, onTrouble }) as unknown as Reflector<OwnedKind>;
}

const told = <K extends OwnedKind | "PaymentSystem">(tell: (object: ObjectOf<K>) => void): Handlers<K> => ({
  add: tell,
  update: tell,
  delete: tell,
});

const instanceOf = ({ metadata }: { metadata: { labels?: { [key: string]: string } } }) => metadata.labels?.[label.instance];
