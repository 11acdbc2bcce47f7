import type { WorkerPool } from "../../crds/payment-system.ts";
import { ports, queueDepthPath } from "../../workloads/contract.ts";
import type { Intent } from "../kube/kube.ts";
import { poolBounds } from "../scaling/pool-bounds.ts";
import { isScaled } from "../scaling/scaling.ts";
import { behavior } from "./autoscaler.ts";
import type { Given } from "./given.ts";
import { metadataOf, nameOf } from "./names.ts";
import { service } from "./surroundings.ts";

/** What KEDA makes an autoscaler from, of the same formula and behaviour as ours; it asks the dispatcher itself. None where something else scales the pool. */
export function scaledObject(given: Given, part: string, pool: WorkerPool): Intent[] {
  const { system, scaling } = given;
  const bounds = poolBounds(system, pool, scaling);
  if (!usesKeda(given) || !isScaled(scaling, nameOf(system, part), bounds)) return [];
  const { namespace } = system.metadata;
  const url = `http://${nameOf(system, "dispatcher")}.${namespace}.svc:${ports.management}${queueDepthPath}`;
  const target = String(pool.queueDepthPerReplica);
  const depths = pool.queues.map((queue) => ({
    type: "metrics-api",
    name: queue,
    metricType: "AverageValue",
    metadata: { url, valueLocation: `queues.${queue}.depth`, targetValue: target, activationTargetValue: "0" },
  }));
  const cpu = { type: "cpu", name: "cpu", metricType: "Utilization", metadata: { value: String(pool.targetCPUPercent) } };
  // Of several triggers KEDA takes the highest, where the pods have to do what all of them ask for.
  const sum = { formula: pool.queues.join(" + "), target, activationTarget: "0", metricType: "AverageValue" };
  const spec = {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: nameOf(system, part) },
    pollingInterval: 5,
    cooldownPeriod: pool.scaleDownSeconds,
    minReplicaCount: bounds.min,
    maxReplicaCount: bounds.max,
    advanced: {
      restoreToOriginalReplicaCount: false,
      horizontalPodAutoscalerConfig: { behavior: behavior(pool.scaleDownSeconds) },
      ...(pool.queues.length > 1 && { scalingModifiers: sum }),
    },
    triggers: pool.targetCPUPercent === undefined ? depths : [...depths, cpu],
  };
  return [{ apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", metadata: metadataOf(system, part), spec } as Intent];
}

/** How KEDA finds the dispatcher, which has no Service otherwise. */
export const dispatcherService = (given: Given): Intent[] =>
  usesKeda(given) ? [service(given.system, "dispatcher", { name: "management", port: ports.management, targetPort: "management" })] : [];

const usesKeda = ({ scaling }: Given): boolean => scaling.backend === "keda" && scaling.problem === undefined;
