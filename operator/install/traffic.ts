import type { V1NetworkPolicy, V1ObjectMeta, V1Service } from "@kubernetes/client-node";
import { ports } from "../../workloads/contract.ts";
import { metricsApiPorts } from "../operator-env.ts";

export const metricsApiPortName = "metrics-api";

/** By what the API server asks for external metrics, and who may reach the operator at all. */
export function operatorTraffic(metadata: V1ObjectMeta): [V1Service, V1NetworkPolicy] {
  const service: V1Service = {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: {
      selector: metadata.labels!,
      ports: [{ name: metricsApiPortName, port: metricsApiPorts.service, targetPort: metricsApiPortName, protocol: "TCP" }],
    },
  };
  const policy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata,
    spec: {
      podSelector: { matchLabels: metadata.labels! },
      policyTypes: ["Ingress"],
      ingress: [
        // The API server comes from no pod and from an address that nobody knows here; whoever else comes has no certificate.
        { ports: [{ protocol: "TCP", port: metricsApiPorts.pod }] },
        { from: [{ namespaceSelector: {} }], ports: [{ protocol: "TCP", port: ports.management }] },
      ],
    },
  };
  return [service, policy as V1NetworkPolicy];
}
