import { join } from "node:path";
import type { ApiServer } from "../../cluster/api-server.ts";
import { goTools } from "../../cluster/build/go-tools.ts";
import { kubeconfigOf, type Place, part } from "../../cluster/node/control-plane.ts";
import type { Daemon } from "../../cluster/node/daemon.ts";

/** Kubernetes' own controllers on an API server that has none: those that scale, that collect what nobody owns, and that empty namespaces. */
export async function startControllers(server: ApiServer): Promise<Daemon> {
  const folder = join(server.certificates, "..");
  const place: Place = { bin: await goTools("node"), folder, certificates: server.certificates, logs: join(folder, "log"), enter: [] };
  const config = kubeconfigOf(place, "controller-manager", { etcd: 0, etcdPeer: 0, api: Number(new URL(server.url).port) });
  return part(place, "kube-controller-manager", {
    kubeconfig: config,
    "authentication-kubeconfig": config,
    "authorization-kubeconfig": config,
    "root-ca-file": join(server.certificates, "ca.crt"),
    "service-account-private-key-file": join(server.certificates, "accounts.key"),
    "use-service-account-credentials": true,
    "leader-elect": false,
    "secure-port": 0,
    controllers: "horizontal-pod-autoscaler-controller,garbage-collector-controller,namespace-controller",
    "horizontal-pod-autoscaler-sync-period": "2s", // 15 s by default
  });
}
