import type { V2HorizontalPodAutoscaler, V2MetricSpec } from "@kubernetes/client-node";
import type { WorkerPool } from "../../crds/payment-system.ts";
import { queueDepthMetric } from "../metrics-api/answer.ts";
import { poolBounds } from "../scaling/pool-bounds.ts";
import { type Bounds, isScaled } from "../scaling/scaling.ts";
import type { System } from "../system.ts";
import type { Given } from "./given.ts";
import { metadataOf, nameOf } from "./names.ts";

/** Scales a pool by how deep its queues are: up at once and by as many as it takes, down when they were short for a while. None where something else does. */
export function poolAutoscaler({ system, scaling }: Given, part: string, pool: WorkerPool): V2HorizontalPodAutoscaler[] {
  const bounds = poolBounds(system, pool, scaling);
  if (scaling.backend !== "external-metrics" || !isScaled(scaling, nameOf(system, part), bounds)) return [];
  const selector = {
    matchLabels: { system: system.metadata.name },
    matchExpressions: [{ key: "queue", operator: "In", values: [...pool.queues] }],
  };
  const depth: V2MetricSpec = {
    type: "External",
    external: {
      metric: { name: queueDepthMetric, selector },
      target: { type: "AverageValue", averageValue: String(pool.queueDepthPerReplica) },
    },
  };
  const metrics = pool.targetCPUPercent === undefined ? [depth] : [depth, cpu(pool.targetCPUPercent)];
  return [autoscaler(system, part, { bounds, metrics, scaleDownSeconds: pool.scaleDownSeconds })];
}

/** Scales the API by its CPU. */
export function apiAutoscaler({ system, scaling }: Given, part: string): V2HorizontalPodAutoscaler[] {
  const { replicas, targetCPUPercent } = system.spec.api;
  if (!isScaled(scaling, nameOf(system, part), replicas)) return [];
  return [autoscaler(system, part, { bounds: replicas, metrics: [cpu(targetCPUPercent)], scaleDownSeconds: 300 })];
}

/** In percent of what the pods ask for. */
const cpu = (averageUtilization: number): V2MetricSpec => ({
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization } },
});

type Scaled = { readonly bounds: Bounds; readonly metrics: V2MetricSpec[]; readonly scaleDownSeconds: number };

function autoscaler(system: System, part: string, { bounds, metrics, scaleDownSeconds }: Scaled): V2HorizontalPodAutoscaler {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: metadataOf(system, part),
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: nameOf(system, part) },
      minReplicas: bounds.min,
      maxReplicas: bounds.max,
      metrics,
      behavior: behavior(scaleDownSeconds),
    },
  };
}

/** Up by whatever it takes: the usual way, twice as many every 15 s, takes a minute for what a burst needs at once. Down by half a minute at most. */
export const behavior = (scaleDownSeconds: number) => ({
  scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: "Max", policies: [{ type: "Pods", value: 100, periodSeconds: 15 }] },
  scaleDown: {
    stabilizationWindowSeconds: scaleDownSeconds,
    selectPolicy: "Max",
    policies: [
      { type: "Percent", value: 50, periodSeconds: 60 },
      { type: "Pods", value: 1, periodSeconds: 60 },
    ],
  },
});
