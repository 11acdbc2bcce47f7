import { randomUUID } from "node:crypto";
import type { Cluster } from "../../../cluster/cluster.ts";

/** Makes a namespace with something in it and deletes it: that hangs where an API is registered that nobody answers. */
export async function namespaceGoes(cluster: Cluster, when: string): Promise<void> {
  const name = `gone-${randomUUID().slice(0, 8)}`;
  await cluster.kubectl("create", "namespace", name);
  await cluster.kubectl("create", "configmap", "something", "-n", name);
  const begun = performance.now();
  await cluster.kubectl("delete", "namespace", name, "--timeout=90s");
  console.log(`${when}: a namespace was gone after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}
