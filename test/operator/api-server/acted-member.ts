import { once } from "node:events";
import { createServer } from "node:http";
import type { Kube } from "../../../operator/kube/kube.ts";

/** A member of a replica set where there is no kubelet: its pod, as ready, and what Patroni answers at the pod's address. */
export interface ActedMember extends AsyncDisposable {
  readonly pod: string;
  /** Where its log stands: written by one that leads, replayed by one that follows. */
  position: number;
}

interface Given {
  readonly namespace: string;
  readonly system: string;
  readonly ordinal: number;
  readonly role: "primary" | "replica";
  /** Beside those that Patroni sets. */
  readonly labels: Record<string, string>;
}

/** Addresses of this machine that are this process's own. */
const network = `127.${100 + (process.pid % 100)}.${(process.pid >> 8) % 250}`;

export async function actMember(kube: Kube, { namespace, system, ordinal, role, labels }: Given): Promise<ActedMember> {
  const pod = `${system}-postgres-${ordinal}`;
  const podIP = `${network}.${ordinal + 1}`;
  const member = { pod, position: 0 };
  const server = createServer((_, response) => {
    const { position } = member;
    // As Patroni 4.0 answers GET /patroni.
    const xlog =
      role === "primary" ? { location: position } : { received_location: 9_000_000_000, replayed_location: position, paused: false };
    response.end(JSON.stringify({ state: "running", role, server_version: 170_006, xlog, timeline: 1, patroni: { name: pod } }));
  });
  server.listen(8008, podIP);
  await once(server, "listening");

  const ours = {
    "app.kubernetes.io/managed-by": "satang-operator",
    "app.kubernetes.io/instance": system,
    "app.kubernetes.io/component": "postgres",
    "satang.dev/replica-set": `${system}-postgres`,
    "satang.dev/role": role,
    "controller-revision-hash": "one",
  };
  const spec = { serviceAccountName: `${system}-postgres`, containers: [{ name: "postgres", image: "registry.test/postgres:1" }] };
  const metadata = { name: pod, namespace, labels: { ...ours, ...labels } };
  await kube.apply({ apiVersion: "v1", kind: "Pod", metadata, spec }, { fieldManager: "statefulset", force: true });
  const conditions = [{ type: "Ready", status: "True", lastTransitionTime: new Date().toISOString() }];
  await kube.patch("Pod", metadata, { status: { podIP, podIPs: [{ ip: podIP }], conditions } }, { subresource: "status" });
  return Object.assign(member, {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  });
}
