import { createServer } from "node:http";
import type { Kube } from "../../../operator/kube/kube.ts";
import { ports } from "../../../workloads/contract.ts";
import { namespace } from "./trial.ts";

/** The dispatcher of a system where there is no kubelet: a pod that is said to be ready, and at its address somebody who tells how deep the queues are. */
export interface Counting extends AsyncDisposable {
  depths: { [queue: string]: number };
  /** Does not answer until it is true again. */
  isThere: boolean;
}

/** `address` of 127.0.0.0/8, each for one only: the port is always the same. */
export async function counting(kube: Kube, system: string, address: string): Promise<Counting> {
  const told: Pick<Counting, "depths" | "isThere"> = { depths: { payments: 0, refunds: 0, webhooks: 0 }, isThere: true };
  const server = createServer((_, response) => {
    if (!told.isThere) return void response.writeHead(503).end();
    const queues = Object.fromEntries(Object.entries(told.depths).map(([queue, depth]) => [queue, { depth, oldestSeconds: depth && 1 }]));
    response.end(JSON.stringify({ at: new Date().toISOString(), queues }));
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(ports.management, address, resolve));

  const labels = {
    "app.kubernetes.io/managed-by": "satang-operator",
    "app.kubernetes.io/instance": system,
    "app.kubernetes.io/component": "dispatcher",
  };
  const metadata = { namespace, name: `${system}-dispatcher-1`, labels };
  const spec = {
    serviceAccountName: `${system}-dispatcher`,
    containers: [{ name: "dispatcher", image: "registry.test/workloads:1" }],
    automountServiceAccountToken: false,
  };
  await kube.create({ apiVersion: "v1", kind: "Pod", metadata, spec });
  const ready = { type: "Ready", status: "True", lastTransitionTime: new Date().toISOString() };
  await kube.patch(
    "Pod",
    metadata,
    { status: { phase: "Running", podIP: address, podIPs: [{ ip: address }], conditions: [ready] } },
    { subresource: "status" },
  );

  return Object.assign(told, {
    async [Symbol.asyncDispose]() {
      await kube.delete("Pod", metadata, { graceSeconds: 0 });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
