import type { V1PodDisruptionBudget, V1Service, V1ServiceAccount, V1ServicePort } from "@kubernetes/client-node";
import type { System } from "../system.ts";
import { metadataOf, selectorOf } from "./names.ts";

/** The account of a part's pods, with no rights at all and no token mounted. */
export const serviceAccount = (system: System, part: string): V1ServiceAccount => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: metadataOf(system, part),
  automountServiceAccountToken: false,
});

export const service = (system: System, part: string, ...ports: readonly V1ServicePort[]): V1Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: metadataOf(system, part),
  spec: { selector: selectorOf(system, part), ports: ports.map((port) => ({ protocol: "TCP", ...port })) },
});

/** Whoever drains nodes takes one pod of the part after the other. Of an only pod, too: a node must be drainable. */
export const disruptionBudget = (system: System, part: string): V1PodDisruptionBudget => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: metadataOf(system, part),
  spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(system, part) } },
});
