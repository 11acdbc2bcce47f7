import { randomBytes } from "node:crypto";
import { eventually } from "./eventually.ts";
import type { Kubectl } from "./kubectl.ts";

export interface Namespace extends AsyncDisposable {
  name: string;
}

export type PodSecurity = "restricted" | "baseline" | "privileged";

/** A namespace with a name of its own, so tests that share a cluster keep apart. Its removal is asked for, not waited for. */
export async function namespaceOf(kube: Kubectl, { enforce = "restricted" }: { enforce?: PodSecurity } = {}): Promise<Namespace> {
  const name = `test-${randomBytes(4).toString("hex")}`;
  const labels = { "pod-security.kubernetes.io/enforce": enforce };
  await kube.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  await eventually(() => kube.get("serviceaccount", "default", name), { everyMs: 50 }); // pods are refused until a controller has made it
  return {
    name,
    async [Symbol.asyncDispose]() {
      await kube.kubectl("delete", "namespace", name, "--wait=false");
    },
  };
}
