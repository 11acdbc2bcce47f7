import type { KubeObject } from "./kubectl.ts";

export const nodeImageName = "docker.io/library/node:24-trixie-slim";

/** What `restricted` asks of a pod, and a read-only root file system. */
export const restricted = {
  pod: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, seccompProfile: { type: "RuntimeDefault" } },
  container: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
};

// biome-ignore lint/suspicious/noExplicitAny: fields of a pod's spec, which the API server checks
type PodFields = Record<string, any>;

/** A pod that runs a Node.js program given as text. */
export function programPod(
  namespace: string,
  name: string,
  program: string,
  fields: { pod?: PodFields; container?: PodFields } = {},
): KubeObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace, labels: { app: name } }, spec: podSpec(program, fields) };
}

export function programDeployment(namespace: string, name: string, replicas: number, program: string): KubeObject {
  const labels = { app: name };
  const template = {
    metadata: { labels },
    spec: podSpec(program, { container: { readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 } } }),
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: { replicas, selector: { matchLabels: labels }, template },
  };
}

export function service(namespace: string, name: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
  };
}

/** Answers every request with the name of its pod. */
export const sayName = `require("node:http").createServer((_, answer) => answer.end(require("node:os").hostname())).listen(8080)`;

/** Does nothing until it is told to end. */
export const idle = `process.on("SIGTERM", () => process.exit()); setInterval(() => {}, 1000)`;

/** A program for `exec`: prints what answers there, or why nothing does. */
export const fetchText = (url: string, timeoutMs = 3000): string[] => [
  "node",
  "-e",
  `fetch(${JSON.stringify(url)}, { signal: AbortSignal.timeout(${timeoutMs}) }).then((answer) => answer.text()).then(console.log, (error) => console.log("failed: " + (error.cause?.code ?? error.name)))`,
];

function podSpec(program: string, { pod = {}, container = {} }: { pod?: PodFields; container?: PodFields }): PodFields {
  const main = {
    name: "main",
    image: nodeImageName,
    imagePullPolicy: "IfNotPresent",
    command: ["node", "-e", program],
    securityContext: restricted.container,
    ...container,
  };
  return {
    securityContext: restricted.pod,
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    containers: [main],
    ...pod,
  };
}
