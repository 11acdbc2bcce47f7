import { followsLabel, roleLabel } from "../desired/patroni.ts";
import type { Kube } from "../kube/kube.ts";
import { reasonOf } from "../kube/kube-error.ts";
import { fieldManager } from "../labels.ts";
import type { Move } from "./moves.ts";
import { configuredAnnotation } from "./replica-set.ts";

/** Makes one move; false: it was not called for any more. Each may be made again, and by whoever comes after us. */
export async function steer(kube: Kube, move: Move, now: Date): Promise<boolean> {
  try {
    await made(kube, move, now);
    return true;
  } catch (error) {
    if (error === overtaken || ["Conflict", "NotFound"].includes(reasonOf(error) ?? "")) return false; // the next pass sees what it is now
    throw error;
  }
}

const overtaken = new Error("another has become leader meanwhile");
const by = { fieldManager: fieldManager.objects };

async function made(kube: Kube, move: Move, now: Date): Promise<void> {
  switch (move.kind) {
    case "unlabel": {
      const { name, namespace, uid } = move.pod;
      // Our caches of pods and of ConfigMaps are not of the same moment: asked now, who leads is later than what the pod said.
      const leader = (await kube.get("ConfigMap", { namespace, name: move.leaderMap }))?.metadata.annotations?.leader;
      if (leader === undefined || leader === name) throw overtaken;
      await kube.patch("Pod", { namespace, name }, { metadata: { uid, labels: { [roleLabel]: null } } }, by);
      return;
    }
    case "follow": {
      const { uid } = move.pod;
      await kube.patch("Pod", move.pod, { metadata: { uid, labels: { [followsLabel]: move.follows } } }, by);
      return;
    }
    case "configure": {
      const annotations = { config: JSON.stringify(move.settings), [configuredAnnotation]: now.toISOString() };
      const { resourceVersion } = move.map;
      await kube.patch("ConfigMap", move.map, { metadata: { resourceVersion, annotations } }, by);
      return;
    }
    case "renew":
      return kube.delete("Pod", move.pod, { preconditions: { uid: move.pod.uid } });
    case "switchover": {
      const { namespace, name: leader } = move.from;
      const metadata = { name: move.map, namespace, labels: move.labels, annotations: { leader, member: move.to } };
      await kube.apply({ apiVersion: "v1", kind: "ConfigMap", metadata }, { ...by, force: true });
      return;
    }
    case "own": {
      const { ownerReferences = [] } = move.map;
      await kube.patch("ConfigMap", move.map, { metadata: { ownerReferences: [...ownerReferences, move.owner] } }, by);
      return;
    }
  }
}

/** `Pod shop-postgres-1` */
export function objectOf(move: Move): string {
  switch (move.kind) {
    case "unlabel":
    case "follow":
    case "renew":
      return `Pod ${move.pod.name}`;
    case "configure":
    case "own":
      return `ConfigMap ${move.map.name}`;
    case "switchover":
      return `ConfigMap ${move.map}`;
  }
}
