import type { V2HorizontalPodAutoscaler, V2MetricSpec } from "@kubernetes/client-node";
import type { WorkerPool } from "../../crds/payment-system.ts";
import { queueDepthMetric } from "../metrics-api/answer.ts";
import type { System } from "../system.ts";
import { metadataOf, nameOf } from "./names.ts";

/** Scales a pool by how deep its queues are: up at once and by as many as it takes, down when they were short for a while. */
export function poolAutoscaler(system: System, part: string, pool: WorkerPool): V2HorizontalPodAutoscaler {
  const selector = {
    matchLabels: { system: system.metadata.name },
    matchExpressions: [{ key: "queue", operator: "In", values: [...pool.queues] }],
  };
  const metric: V2MetricSpec = {
    type: "External",
    external: {
      metric: { name: queueDepthMetric, selector },
      target: { type: "AverageValue", averageValue: String(pool.queueDepthPerReplica) },
    },
  };
  return autoscaler(system, part, { ...pool.replicas, metric, scaleDownSeconds: pool.scaleDownSeconds });
}

/** Scales the API by its CPU. */
export function apiAutoscaler(system: System, part: string): V2HorizontalPodAutoscaler {
  const { replicas, targetCPUPercent } = system.spec.api;
  const metric: V2MetricSpec = {
    type: "Resource",
    resource: { name: "cpu", target: { type: "Utilization", averageUtilization: targetCPUPercent } },
  };
  return autoscaler(system, part, { ...replicas, metric, scaleDownSeconds: 300 });
}

type Scaling = { readonly min: number; readonly max: number; readonly metric: V2MetricSpec; readonly scaleDownSeconds: number };

function autoscaler(system: System, part: string, { min, max, metric, scaleDownSeconds }: Scaling): V2HorizontalPodAutoscaler {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: metadataOf(system, part),
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: nameOf(system, part) },
      minReplicas: min,
      maxReplicas: max,
      metrics: [metric],
      behavior: {
        // The usual way of growing, twice as many every 15 s, takes a minute for what a burst needs at once.
        scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: "Max", policies: [{ type: "Pods", value: 100, periodSeconds: 15 }] },
        scaleDown: {
          stabilizationWindowSeconds: scaleDownSeconds,
          selectPolicy: "Max",
          policies: [
            { type: "Percent", value: 50, periodSeconds: 60 },
            { type: "Pods", value: 1, periodSeconds: 60 },
          ],
        },
      },
    },
  };
}
