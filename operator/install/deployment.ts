import type { V1Container, V1Deployment, V1ObjectMeta, V1PodDisruptionBudget } from "@kubernetes/client-node";
import { ports, probes } from "../../workloads/contract.ts";
import { metricsApiPorts, type OperatorEnv } from "../operator-env.ts";
import { metricsApiPortName } from "./traffic.ts";

/** Where the images are: `<registry>/satang-operator:<version>`. */
export type Images = { readonly registry: string; readonly version: string };

/** Two pods, of which one leads and the other takes over within its lease. */
export function operatorDeployment(images: Images, metadata: V1ObjectMeta): [V1Deployment, V1PodDisruptionBudget] {
  const selector = { matchLabels: metadata.labels! };
  const deployment: V1Deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      replicas: 2,
      selector,
      template: {
        metadata: { labels: metadata.labels! },
        spec: {
          serviceAccountName: metadata.name!,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          topologySpreadConstraints: [
            { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway", labelSelector: selector },
          ],
          containers: [container(images)],
        },
      },
    },
  };
  const disruption: V1PodDisruptionBudget = {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata,
    spec: { maxUnavailable: 1, selector },
  };
  return [deployment, disruption];
}

/** A pod that ends is asked for metrics until every API server has heard of it. */
const lingerSeconds = 5;

function container({ registry, version }: Images): V1Container {
  const image = (name: string) => `${registry}/satang-${name}:${version}`;
  const env: Omit<OperatorEnv, "POD_NAME"> = {
    WORKLOADS_IMAGE: image("workloads"),
    POSTGRES_IMAGE: image("postgres"),
    REDIS_IMAGE: image("redis"),
  };
  const probe = (path: string) => ({ httpGet: { path, port: "management" } });
  return {
    name: "operator",
    image: image("operator"),
    env: [
      ...Object.entries(env).map(([name, value]) => ({ name, value })),
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    ],
    ports: [
      { name: "management", containerPort: ports.management },
      { name: metricsApiPortName, containerPort: metricsApiPorts.pod },
    ],
    startupProbe: { ...probe(probes.startup), periodSeconds: 2, failureThreshold: 30 },
    readinessProbe: { ...probe(probes.ready), periodSeconds: 5 },
    livenessProbe: { ...probe(probes.live), periodSeconds: 10, failureThreshold: 6 },
    lifecycle: { preStop: { sleep: { seconds: lingerSeconds } } },
    resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "256Mi" } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
    terminationMessagePolicy: "FallbackToLogsOnError",
  };
}
