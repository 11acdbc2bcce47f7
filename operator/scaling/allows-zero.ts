import type { Kube } from "../kube/kube.ts";
import { reasonOf } from "../kube/kube-error.ts";
import { queueDepthMetric } from "../metrics-api/answer.ts";

/** Whether the API server takes an autoscaler that goes down to 0. It is asked, without keeping anything: versions and gates say it less surely. */
export async function allowsZero(kube: Pick<Kube, "create">, namespace: string): Promise<boolean> {
  const target = { type: "AverageValue", averageValue: "1" };
  const asked = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler" as const,
    metadata: { namespace, name: "satang-zero" },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "satang-zero" },
      minReplicas: 0,
      maxReplicas: 1,
      metrics: [{ type: "External", external: { metric: { name: queueDepthMetric }, target } }],
    },
  };
  try {
    await kube.create(asked, { dryRun: true });
    return true;
  } catch (error) {
    if (["Invalid", "Forbidden"].includes(reasonOf(error) ?? "")) return false;
    throw error;
  }
}
