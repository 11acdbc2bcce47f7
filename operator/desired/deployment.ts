import type { V1Deployment } from "@kubernetes/client-node";
import { type Bounds, namedReplicas } from "../scaling/scaling.ts";
import type { Given } from "./given.ts";
import { metadataOf, nameOf, selectorOf } from "./names.ts";
import { type Process, processPod } from "./pod.ts";

/** How many shards the pods know, where there are several: an operator that was started anew reads it there. */
export const shardsAnnotation = "satang.dev/shards";

/** A Deployment of one of our processes, between so many pods. `replicas` is left out where an autoscaler sets it. */
export function deployment(given: Given, bounds: Bounds, process: Process): V1Deployment {
  const { system, scaling, shards } = given;
  const { part } = process;
  const replicas = namedReplicas(scaling, nameOf(system, part), bounds);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { ...metadataOf(system, part), ...(shards > 1 && { annotations: { [shardsAnnotation]: String(shards) } }) },
    spec: {
      ...(replicas !== undefined && { replicas }),
      revisionHistoryLimit: 3,
      // The old pods serve until a new one does. A version that cannot start hurts no more than the one pod that tries it.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      selector: { matchLabels: selectorOf(system, part) },
      template: processPod(given, process),
    },
  };
}
