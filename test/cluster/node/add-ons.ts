import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KubeObject } from "../kubectl.ts";
import { kubeconfigOf, type Place, part, usualPorts } from "./control-plane.ts";
import type { Daemon } from "./daemon.ts";
import { address } from "./network.ts";

// A cloud's cluster runs these two as pods. Here they are processes of the node: no images to build, and Ready sooner.

/** Cluster DNS; it knows nothing else, so no name of the outside resolves. */
export function coreDns(place: Place): Daemon {
  const file = join(place.folder, "Corefile");
  const config = kubeconfigOf(place, "admin", usualPorts);
  writeFileSync(
    file,
    `.:53 {
  bind ${address.node}
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${config}
    ttl 30
  }
}
`,
  );
  return part(place, "coredns", { conf: file });
}

/** For `kubectl top` and CPU autoscaling; answers about 40 s after the start. */
export function metricsServer(place: Place): Daemon {
  const config = kubeconfigOf(place, "admin", usualPorts);
  return part(place, "metrics-server", {
    kubeconfig: config,
    "authentication-kubeconfig": config,
    "authorization-kubeconfig": config,
    "secure-port": 4443,
    "cert-dir": join(place.folder, "metrics-server"),
    "kubelet-insecure-tls": true,
    "kubelet-preferred-address-types": "InternalIP",
    "metric-resolution": "10s",
    "kubelet-request-timeout": "5s",
  });
}

const namespace = "kube-system";

/** What the cluster must know of them. */
export const addOnObjects: KubeObject[] = [
  ...dnsService(),
  ...aggregatedApi({
    name: "metrics-server",
    group: "metrics.k8s.io",
    version: "v1beta1",
    port: 4443,
  }),
];

/**
 * An APIService whose server is a process of the node that listens at its address: a Service without selector,
 * with its one endpoint written by hand. Give `caBundle` (base64) to have its certificate checked.
 */
export function aggregatedApi(api: { name: string; group: string; version: string; port: number; caBundle?: string }): KubeObject[] {
  const namespace = "kube-system";
  const trust = api.caBundle ? { caBundle: api.caBundle } : { insecureSkipTLSVerify: true };
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: api.name, namespace },
      spec: { ports: [{ name: "https", port: 443, targetPort: api.port }] },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: `${api.name}-node`, namespace, labels: { "kubernetes.io/service-name": api.name } },
      addressType: "IPv4",
      ports: [{ name: "https", port: api.port, protocol: "TCP" }],
      endpoints: [{ addresses: [address.node], conditions: { ready: true } }],
    },
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: `${api.version}.${api.group}` },
      spec: {
        group: api.group,
        version: api.version,
        groupPriorityMinimum: 100,
        versionPriority: 100,
        service: { name: api.name, namespace, port: 443 },
        ...trust,
      },
    },
  ];
}

function dnsService(): KubeObject[] {
  const ports = (["UDP", "TCP"] as const).map((protocol) => ({
    name: `dns-${protocol.toLowerCase()}`,
    protocol,
    port: 53,
    targetPort: 53,
  }));
  return nodeService("kube-dns", ports, address.dns);
}

interface ServicePort {
  name: string;
  protocol: "TCP" | "UDP";
  port: number;
  targetPort: number;
}

/** A Service whose one endpoint is the node. */
function nodeService(name: string, ports: ServicePort[], clusterIP?: string): KubeObject[] {
  return [
    { apiVersion: "v1", kind: "Service", metadata: { name, namespace }, spec: { ports, ...(clusterIP ? { clusterIP } : {}) } },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: `${name}-node`, namespace, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      ports: ports.map(({ name, protocol, targetPort }) => ({ name, protocol, port: targetPort })),
      endpoints: [{ addresses: [address.node], conditions: { ready: true } }],
    },
  ];
}
