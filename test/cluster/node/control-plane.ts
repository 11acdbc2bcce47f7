import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kubeconfig } from "./certificates.ts";
import { type Daemon, daemon } from "./daemon.ts";
import { address } from "./network.ts";

/** Where a control plane's parts are: commands, certificates, logs, data. */
export interface Place {
  bin: string;
  folder: string;
  certificates: string;
  logs: string;
  /** Words before a command that make it one of the node's own processes; none without a node. */
  enter: string[];
}

export interface Ports {
  etcd: number;
  etcdPeer: number;
  api: number;
}

export const usualPorts: Ports = { etcd: 2379, etcdPeer: 2380, api: 6443 };

export function etcd(place: Place, ports: Ports): Daemon {
  const [client, peer] = [`http://127.0.0.1:${ports.etcd}`, `http://127.0.0.1:${ports.etcdPeer}`];
  return part(place, "etcd", {
    "data-dir": join(place.folder, "etcd"),
    "unsafe-no-fsync": true, // a test's cluster need not survive the machine
    "listen-client-urls": client,
    "advertise-client-urls": client,
    "listen-peer-urls": peer,
    "initial-advertise-peer-urls": peer,
    "initial-cluster": `default=${peer}`,
    "heartbeat-interval": 10, // a lone member elects itself after `election-timeout`: 1 s by default
    "election-timeout": 100,
    "log-level": "warn",
  });
}

/** With a node, at the address that pods reach; without one, on the machine's loopback only. */
export function apiServer(
  place: Place,
  ports: Ports,
  at: { bind: string; advertise: string; aggregation: "by endpoint" | "by service" },
): Daemon {
  const certificate = (name: string) => join(place.certificates, name);
  mkdirSync(place.logs, { recursive: true });
  const auditPolicy = join(place.folder, "audit-policy.json");
  writeFileSync(auditPolicy, JSON.stringify(writesOnly));
  return part(place, "kube-apiserver", {
    "etcd-servers": `http://127.0.0.1:${ports.etcd}`,
    "bind-address": at.bind,
    "advertise-address": at.advertise,
    "secure-port": ports.api,
    "tls-cert-file": certificate("api-server.crt"),
    "tls-private-key-file": certificate("api-server.key"),
    "client-ca-file": certificate("ca.crt"),
    "authorization-mode": "Node,RBAC",
    "service-cluster-ip-range": address.services,
    "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
    "service-account-key-file": certificate("accounts.pub"),
    "service-account-signing-key-file": certificate("accounts.key"),
    "kubelet-client-certificate": certificate("api-server-to-kubelet.crt"),
    "kubelet-client-key": certificate("api-server-to-kubelet.key"),
    "kubelet-preferred-address-types": "InternalIP",
    "requestheader-client-ca-file": certificate("front-proxy-ca.crt"),
    "requestheader-allowed-names": "front-proxy-client",
    "requestheader-username-headers": "X-Remote-User",
    "requestheader-group-headers": "X-Remote-Group",
    "requestheader-extra-headers-prefix": "X-Remote-Extra-",
    "proxy-client-cert-file": certificate("front-proxy.crt"),
    "proxy-client-key-file": certificate("front-proxy.key"),
    "enable-aggregator-routing": at.aggregation === "by endpoint",
    "allow-privileged": true,
    "audit-policy-file": auditPolicy,
    "audit-log-path": join(place.logs, auditLog),
    profiling: false,
  });
}

/** Who wrote what, a line of JSON for each request; tests of who may write when read it. */
export const auditLog = "audit.log";
const writesOnly = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "None", verbs: ["get", "list", "watch"] }, { level: "Metadata" }],
};

export function controllerManager(place: Place, ports: Ports): Daemon {
  const config = kubeconfigOf(place, "controller-manager", ports);
  return part(place, "kube-controller-manager", {
    kubeconfig: config,
    "authentication-kubeconfig": config,
    "authorization-kubeconfig": config,
    "root-ca-file": join(place.certificates, "ca.crt"),
    "cluster-signing-cert-file": join(place.certificates, "ca.crt"),
    "cluster-signing-key-file": join(place.certificates, "ca.key"),
    "service-account-private-key-file": join(place.certificates, "accounts.key"),
    "use-service-account-credentials": true,
    "allocate-node-cidrs": true,
    "cluster-cidr": address.pods,
    "service-cluster-ip-range": address.services,
    "leader-elect": false,
    "horizontal-pod-autoscaler-sync-period": "5s", // 15 s by default; a test that asserts a time says so
  });
}

export function scheduler(place: Place, ports: Ports): Daemon {
  const config = kubeconfigOf(place, "scheduler", ports);
  return part(place, "kube-scheduler", {
    kubeconfig: config,
    "authentication-kubeconfig": config,
    "authorization-kubeconfig": config,
    "leader-elect": false,
  });
}

/** Starts a command of ours with flags, its log named after it. */
export function part(place: Place, name: string, flags: Record<string, string | number | boolean>): Daemon {
  mkdirSync(place.logs, { recursive: true });
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const env = { PATH: `${place.bin}:${process.env.PATH}` }; // containerd finds its shim there
  return daemon({ name, log: join(place.logs, `${name}.log`), file: join(place.bin, name), args, env, enter: place.enter });
}

/** Writes the kubeconfig by which a part of the cluster speaks to the API server, and returns its path. */
export function kubeconfigOf(place: Place, certificate: string, ports: Ports): string {
  const file = join(place.folder, `${certificate}.kubeconfig`);
  writeFileSync(file, kubeconfig(place.certificates, certificate, `https://127.0.0.1:${ports.api}`), { mode: 0o600 });
  return file;
}
