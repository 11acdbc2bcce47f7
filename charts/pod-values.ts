import { z } from "zod";
import { list, map, native, text } from "./value.ts";

const like = (otherwise: object, what: string) => native.default(otherwise as never).describe(what);

/** Of the operator's Deployment. What is set here stands beside what plain YAML installs, or in its place. */
export const podValues = {
  replicaCount: z
    .int()
    .min(0)
    .max(10)
    .default(2)
    .describe("Pods of the operator. One leads, another takes over within seconds. 0 pauses it."),
  podAnnotations: map("Annotations of its pods."),
  podLabels: map("Labels of its pods."),
  podSecurityContext: like({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } }, "Security of its pods."),
  securityContext: like(
    { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
    "Security of its container; namespaces that enforce `restricted` take this.",
  ),
  resources: like({ requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "256Mi" } }, "What each pod asks of its node."),
  nodeSelector: map("Nodes that it may run on."),
  tolerations: list(native, "Taints that it tolerates."),
  affinity: like({}, "Where it would rather be."),
  topologySpreadConstraints: list(native, "How its pods are spread; left out: over nodes, as far as that goes."),
  priorityClassName: text("", "PriorityClass of its pods."),
  extraEnv: list(native, "More environment of its container."),
  extraEnvFrom: list(native, "More sources of its environment."),
  extraVolumes: list(native, "More volumes of its pods."),
  extraVolumeMounts: list(native, "More mounts of its container."),
};
