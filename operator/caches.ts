import { kept, keptSystem } from "./kept.ts";
import type { KubeObject, ObjectOf } from "./kube/kinds.ts";
import type { Kube } from "./kube/kube.ts";
import type { Handlers } from "./kube/object-cache.ts";
import { reflectIn } from "./kube/reflect-in.ts";
import type { Reflector } from "./kube/reflector.ts";
import { label, managedBy, ours } from "./labels.ts";
import { type Objects, type OwnedKind, ownedKinds } from "./objects.ts";
import { isPulse } from "./postgres/pulse.ts";

/** The systems of the cluster and all that is made of them, a moment late. */
export interface Caches {
  readonly systems: Pick<Reflector<"PaymentSystem">, "get" | "list">;
  /** What belongs to one system. */
  objectsOf(namespace: string, instance: string): Objects;
  /** Name of an autoscaler that somebody else has made for a Deployment. */
  foreignAutoscaler(namespace: string, deployment: string): string | undefined;
  /**
   * From now on ScaledObjects are watched, or not any more: where KEDA is not, the API server knows no such kind. `onSynced` hears once they are all known:
   * of one that was made and deleted before that nobody is told.
   */
  watchScaledObjects(isThere: boolean, onSynced: () => void): void;
  /** All but ScaledObjects, whose definition may be missing where KEDA says that it serves. */
  whenSynced(): Promise<unknown>;
  readonly synced: boolean;
  /** Of the kind that has heard nothing for the longest time. */
  stalenessSeconds(): number;
  stop(): Promise<unknown>;
}

type OnChange = (namespace: string, system: string) => void;

interface Watching {
  /** None named: all. */
  readonly namespaces: readonly string[];
  /** Hears of each system that something has changed of, also when only its status has. */
  readonly onChange: OnChange;
  readonly onTrouble: (error: Error) => void;
}

/** Begins to watch. */
export function watchAll(kube: Kube, { namespaces, onChange, onTrouble }: Watching): Caches {
  const systems = reflectIn(kube, "PaymentSystem", namespaces, {
    keep: keptSystem,
    onTrouble,
    handlers: told(({ metadata: { namespace = "", name } }) => onChange(namespace, name)),
  });
  const owned = new Map<OwnedKind, Reflector<OwnedKind>>();
  const reflectorOf = <K extends OwnedKind>(kind: K) => owned.get(kind) as unknown as Reflector<K> | undefined;
  const watch = (kind: OwnedKind) => {
    const tell = (object: Labelled) => {
      const namespace = object.metadata.namespace ?? "";
      const instance = instanceOf(object) ?? instanceOf(reflectorOf("Deployment")?.get(namespace, targetOf(object) ?? ""));
      if (instance) onChange(namespace, instance);
    };
    const begun = reflectOwned(kube, kind, { namespaces, tell, onTrouble });
    owned.set(kind, begun);
    return begun;
  };
  const always = [systems, ...ownedKinds.filter((kind) => kind !== "ScaledObject").map(watch)];
  const all = () => [systems, ...owned.values()];
  return {
    systems,
    objectsOf: (namespace, instance) => ({
      get(kind, name) {
        const found = reflectorOf(kind)?.get(namespace, name);
        return found && instanceOf(found) === instance ? found : undefined;
      },
      list: (kind) => (reflectorOf(kind)?.list(namespace) ?? []).filter((object) => instanceOf(object) === instance),
    }),
    foreignAutoscaler: (namespace, deployment) =>
      reflectorOf("HorizontalPodAutoscaler")
        ?.list(namespace)
        .find((one) => targetOf(one) === deployment && instanceOf(one) === undefined && !isMadeFor(one, deployment))?.metadata.name,
    watchScaledObjects(isThere, onSynced) {
      const now = reflectorOf("ScaledObject");
      if (isThere && !now) {
        const begun = watch("ScaledObject");
        begun.whenSynced().then(onSynced, () => {}); // or it was stopped before
      }
      if (isThere || !now) return;
      owned.delete("ScaledObject");
      void now.stop();
    },
    whenSynced: () => Promise.all(always.map((one) => one.whenSynced())),
    get synced() {
      return always.every((one) => one.synced);
    },
    stalenessSeconds: () => Math.max(...all().map((one) => one.stalenessSeconds())),
    stop: () => Promise.all(all().map((one) => one.stop())),
  };
}

type Labelled = Pick<KubeObject, "kind" | "metadata">;

interface WatchingOwned extends Omit<Watching, "onChange"> {
  readonly tell: (object: Labelled) => void;
}

function reflectOwned<K extends OwnedKind>(kube: Kube, kind: K, { namespaces, tell, onTrouble }: WatchingOwned): Reflector<OwnedKind> {
  const handlers = told<K>(tell);
  const isNothing = isPulse as unknown as (before: ObjectOf<K>, after: ObjectOf<K>) => boolean;
  if (["Pod", "ConfigMap", "HorizontalPodAutoscaler"].includes(kind))
    handlers.update = (object, before) => {
      if (!isNothing(before, object)) tell(object);
    };
  const keep = kept[kind] as (object: ObjectOf<K>) => ObjectOf<K>;
  const labelSelector = kind === "HorizontalPodAutoscaler" ? undefined : ours; // others' may be for our Deployments, and two for one would stop both
  return reflectIn(kube, kind, namespaces, { labelSelector, keep, handlers, onTrouble }) as unknown as Reflector<OwnedKind>;
}

const told = <K extends OwnedKind | "PaymentSystem">(tell: (object: ObjectOf<K>) => void): Handlers<K> => ({
  add: tell,
  update: tell,
  delete: tell,
});

/** The system that an object of ours belongs to. What KEDA makes of our ScaledObjects bears our labels, and is KEDA's. */
function instanceOf(object: Labelled | undefined): string | undefined {
  const { labels = {}, ownerReferences = [] } = object?.metadata ?? {};
  const isKedas = object?.kind === "HorizontalPodAutoscaler" && ownerReferences.some(({ kind }) => kind === scaledObject);
  return labels[label.managedBy] === managedBy && !isKedas ? labels[label.instance] : undefined;
}

const scaledObject: OwnedKind = "ScaledObject";

/** What KEDA has made of our ScaledObject, which is named like the Deployment. */
const isMadeFor = ({ metadata: { ownerReferences = [] } }: Labelled, deployment: string): boolean =>
  ownerReferences.some(({ kind, name }) => kind === scaledObject && name === deployment);

/** The Deployment that an autoscaler is for. */
function targetOf(object: Labelled): string | undefined {
  if (object.kind !== "HorizontalPodAutoscaler") return undefined;
  const { scaleTargetRef } = (object as ObjectOf<"HorizontalPodAutoscaler">).spec ?? {};
  return scaleTargetRef?.kind === "Deployment" ? scaleTargetRef.name : undefined;
}
