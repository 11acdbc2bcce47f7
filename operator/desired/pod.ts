import type {
  V1Container,
  V1ContainerPort,
  V1EnvVar,
  V1PodSecurityContext,
  V1PodSpec,
  V1PodTemplateSpec,
  V1Probe,
  V1ResourceRequirements,
  V1SecurityContext,
  V1TopologySpreadConstraint,
} from "@kubernetes/client-node";
import { drainSeconds, ports, probes, type Role } from "../../workloads/contract.ts";
import type { System } from "../system.ts";
import { certificatesIn, encrypts } from "./encryption.ts";
import type { Given } from "./given.ts";
import { labelsOf, nameOf, selectorOf } from "./names.ts";

export interface Process {
  readonly part: string;
  readonly role: Role;
  readonly env: V1EnvVar[];
  readonly resources: V1ResourceRequirements;
  /** Besides that of probes and metrics. */
  readonly ports?: readonly V1ContainerPort[];
  /** Changes when a secret does that the process reads. */
  readonly fingerprint?: string;
  /** How long it goes on serving after it was told to end: so long may others still be sent to it. Default 0. */
  readonly lingerSeconds?: number;
  /** Of a volume claim that is mounted at `/data`. */
  readonly volume?: string;
}

/** The pod of one of our processes, as the contract has it. */
export function processPod({ system, images, encryption }: Given, process: Process): V1PodTemplateSpec {
  const { part, role, env, resources, volume, lingerSeconds = 0, ports: own = [] } = process;
  const connects = role !== "simulator" && system.spec.postgres.backend === "managed" && encryption !== "offered";
  const trust = connects ? certificatesIn(system, "ca.crt") : undefined;
  const container: V1Container = {
    name: role,
    image: images.workloads,
    args: [role],
    env,
    ports: [...own, { name: "management", containerPort: ports.management, protocol: "TCP" }],
    resources,
    startupProbe: probe(probes.startup, { periodSeconds: 1, failureThreshold: 120 }),
    readinessProbe: probe(probes.ready, { periodSeconds: 2, failureThreshold: 2 }),
    livenessProbe: probe(probes.live, { periodSeconds: 10, failureThreshold: 6 }),
    ...(lingerSeconds > 0 && { lifecycle: { preStop: { sleep: { seconds: lingerSeconds } } } }),
    ...containerDefaults,
    volumeMounts: [temporary.mount, ...(trust ? [trust.mount] : []), ...(volume ? [{ name: volume, mountPath: "/data" }] : [])],
  };
  return {
    metadata: podMetadata(system, part, process.fingerprint, trust && encrypts),
    spec: {
      ...podDefaults(system, part),
      securityContext: unprivileged(1000, 1000),
      terminationGracePeriodSeconds: lingerSeconds + drainSeconds + 10, // it ends by itself within `drainSeconds`, and may be slow on a full node
      containers: [container],
      volumes: [temporary.volume, ...(trust ? [trust.volume] : [])],
    },
  };
}

/** Labels, and what makes a new pod when a secret changes. */
export const podMetadata = (system: System, part: string, fingerprint?: string, annotations?: { readonly [key: string]: string }) => ({
  labels: labelsOf(system, part),
  ...((fingerprint || annotations) && { annotations: { ...(fingerprint && { "satang.dev/secrets": fingerprint }), ...annotations } }),
});

/** What every pod has, of servers too. The account is its own and has no rights; no token is mounted. */
export function podDefaults(system: System, part: string): Omit<V1PodSpec, "containers"> {
  const pullSecrets = system.spec.imagePullSecrets.map((name) => ({ name }));
  return {
    serviceAccountName: nameOf(system, part),
    automountServiceAccountToken: false,
    enableServiceLinks: false, // else each Service of the namespace would be in the environment, whose names are ours
    topologySpreadConstraints: ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((key) => spread(system, part, key)),
    ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets }),
  };
}

export const containerDefaults = {
  imagePullPolicy: "IfNotPresent",
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  } satisfies V1SecurityContext,
  terminationMessagePolicy: "FallbackToLogsOnError", // its last words are then in the pod's status, and so in ours
} as const;

/** What `restricted` asks for. Volumes belong to the group; what is on them is looked at only where its top folder does not. */
export const unprivileged = (user: number, group: number): V1PodSecurityContext => ({
  runAsNonRoot: true,
  runAsUser: user,
  runAsGroup: group,
  fsGroup: group,
  fsGroupChangePolicy: "OnRootMismatch",
  seccompProfile: { type: "RuntimeDefault" },
});

/** The only place that can be written to, besides volumes. */
export const temporary = {
  volume: { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
  mount: { name: "tmp", mountPath: "/tmp" },
};

/** CPU is asked for, and more may be used; memory is asked for and bounded, or one pod could take its neighbours down. */
export const resourcesOf = ({ cpu, memory }: { cpu: string; memory: string }): V1ResourceRequirements => ({
  requests: { cpu, memory },
  limits: { memory },
});

const probe = (path: string, times: Pick<V1Probe, "periodSeconds" | "failureThreshold">): V1Probe => ({
  httpGet: { path, port: "management" },
  timeoutSeconds: 3,
  ...times,
});

const spread = (system: System, part: string, topologyKey: string): V1TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: "ScheduleAnyway", // a payment system on one node is better than none
  labelSelector: { matchLabels: selectorOf(system, part) },
});
