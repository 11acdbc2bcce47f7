import type { KubeObject } from "../../../operator/kube/kinds.ts";
import type { Kube } from "../../../operator/kube/kube.ts";
import { reasonOf } from "../../../operator/kube/kube-error.ts";
import { reflect } from "../../../operator/kube/reflector.ts";

/** Where there are no controllers and no kubelet: says of each StatefulSet, Deployment and Job at once that it has become what was asked for, and who leads Postgres. */
export function allGoesWell(kube: Kube): AsyncDisposable {
  const tell = async (kind: "StatefulSet" | "Deployment" | "Job", { metadata }: KubeObject, status: object) => {
    await kube.patch(kind, metadata, { status }, { subresource: "status" }).catch((error) => {
      if (reasonOf(error) !== "NotFound") console.error(String(error));
    });
  };
  const sets = reflect(kube, "StatefulSet", handled(statefulSet));
  const deployments = reflect(kube, "Deployment", handled(deployment));
  const jobs = reflect(kube, "Job", handled(job));

  function statefulSet(set: KubeObject & { spec?: { replicas?: number }; status?: { observedGeneration?: number } }): void {
    const { metadata, spec, status } = set;
    if (status?.observedGeneration === metadata.generation) return;
    const replicas = spec?.replicas ?? 1;
    const revision = { currentRevision: "one", updateRevision: "one" };
    void tell("StatefulSet", set, {
      observedGeneration: metadata.generation,
      replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      ...revision,
    });
    if (/-(postgres|shard-\d+)$/.test(metadata.name)) void elected(set);
  }
  /** As Patroni does: who leads, and who follows closely, stands in ConfigMaps. */
  async function elected({ metadata: { name, namespace, labels } }: KubeObject): Promise<void> {
    const leader = `${name}-0`;
    const said = { leader: { leader }, sync: { leader, sync_standby: `${name}-1,${name}-2` } };
    for (const [map, annotations] of Object.entries(said)) {
      const metadata = { name: `${name}-${map}`, namespace, labels, annotations };
      await kube.apply({ apiVersion: "v1", kind: "ConfigMap", metadata }, { fieldManager: "patroni", force: true }).catch(console.error);
    }
  }
  function deployment(one: KubeObject & { spec?: { replicas?: number }; status?: { observedGeneration?: number } }): void {
    const { metadata, spec, status } = one;
    if (status?.observedGeneration === metadata.generation) return;
    const replicas = spec?.replicas ?? 1;
    const counts = { replicas, readyReplicas: replicas, availableReplicas: replicas, updatedReplicas: replicas };
    void tell("Deployment", one, { observedGeneration: metadata.generation, ...counts });
  }
  function job(one: KubeObject & { status?: { succeeded?: number } }): void {
    if (one.status?.succeeded) return;
    const now = new Date().toISOString();
    const conditions = ["SuccessCriteriaMet", "Complete"].map((type) => ({ type, status: "True", lastTransitionTime: now }));
    void tell("Job", one, { startTime: now, completionTime: now, succeeded: 1, conditions });
  }

  return {
    async [Symbol.asyncDispose]() {
      await Promise.all([sets.stop(), deployments.stop(), jobs.stop()]);
    },
  };
}

const handled = <T>(handle: (object: T) => void) => ({ handlers: { add: handle, update: handle } });
