import { selectorOf } from "../desired/names.ts";
import type { ObjectOf } from "../kube/kinds.ts";
import { label } from "../labels.ts";
import type { Objects } from "../objects.ts";
import type { System } from "../system.ts";
import { type Finding, failing, well, working } from "./finding.ts";
import { firstTrouble } from "./pod-trouble.ts";

/**
 * What a Deployment has come to: all its pods are of its newest template and serve, or why not. With its fewest pods it does what it has to; those
 * that an autoscaler asks for beyond them may be on their way, or find no place.
 */
export function deploymentReady(part: string, system: Pick<System, "metadata">, objects: Objects, fewest?: number): Finding {
  const name = `${system.metadata.name}-${part}`;
  const found = objects.get("Deployment", name);
  if (!found) return working("Waiting", `Deployment ${name} is not made yet`);
  const { spec, status = {}, metadata } = found;
  const wanted = spec?.replicas ?? 1;
  const refused = status.conditions?.find(({ type, status }) => type === "ReplicaFailure" && status === "True");
  if (refused) return failing(refused.reason ?? "PodsRefused", `Deployment ${name} cannot make its pods: ${refused.message}`);
  const trouble = firstTrouble(podsOf(part, system, objects));
  const isSeen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const { updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = status;
  const isEnough = wanted > (fewest ?? wanted) && replicas === updatedReplicas && availableReplicas >= Math.max(1, fewest ?? 0);
  if (isEnough) return well("Ready", `${availableReplicas} of ${wanted} pods are ready${trouble ? `; ${trouble.message}` : ""}`);
  if (trouble) return trouble;
  if (!isSeen || updatedReplicas < wanted || replicas > updatedReplicas)
    return working("RollingOut", `${updatedReplicas} of ${wanted} pods of ${name} are of the newest version`);
  if (availableReplicas < wanted) return working("Starting", `${availableReplicas} of ${wanted} pods of ${name} are ready`);
  return well("Ready", `${availableReplicas} of ${wanted} pods are ready`);
}

/** The same of a StatefulSet. `refusal` is why its pods cannot be made, if they cannot: it has no condition for that. */
export function statefulSetReady(part: string, system: Pick<System, "metadata">, objects: Objects, refusal: string | undefined): Finding {
  const name = `${system.metadata.name}-${part}`;
  const found = objects.get("StatefulSet", name);
  if (!found) return working("Waiting", `StatefulSet ${name} is not made yet`);
  if (refusal) return failing("FailedCreate", `StatefulSet ${name} cannot make its pods: ${refusal}`);
  const trouble = firstTrouble(podsOf(part, system, objects));
  if (trouble) return trouble;
  const { spec, metadata, status } = found;
  const wanted = spec?.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  if (ready < wanted) return working("Starting", `${ready} of ${wanted} pods of ${name} are ready`);
  const isSeen = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  if (!isSeen || status?.currentRevision !== status?.updateRevision)
    return working("RollingOut", `pods of ${name} are being brought to the newest version`);
  return well("Ready", `${ready} of ${wanted} pods are ready`);
}

export function podsOf(part: string, system: Pick<System, "metadata">, objects: Objects): ObjectOf<"Pod">[] {
  const component = selectorOf(system, part)[label.component];
  return objects.list("Pod").filter(({ metadata }) => metadata.labels?.[label.component] === component);
}
