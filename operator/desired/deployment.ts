import type { V1Deployment } from "@kubernetes/client-node";
import type { Given } from "./given.ts";
import { metadataOf, nameOf, selectorOf } from "./names.ts";
import { type Process, processPod } from "./pod.ts";

/** A Deployment of one of our processes. `replicas` is left out where an autoscaler sets it. */
export function deployment(given: Given, replicas: number, process: Process): V1Deployment {
  const { system, isAutoscaled } = given;
  const { part } = process;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadataOf(system, part),
    spec: {
      ...(!isAutoscaled(nameOf(system, part)) && { replicas }),
      revisionHistoryLimit: 3,
      // The old pods serve until a new one does. A version that cannot start hurts no more than the one pod that tries it.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      selector: { matchLabels: selectorOf(system, part) },
      template: processPod(given, process),
    },
  };
}
