import { join } from "node:path";
import { installationObjects } from "../../../operator/install/installation.ts";
import { type ApiServer, startApiServer } from "../../cluster/api-server.ts";
import { type Write, writesIn } from "../../cluster/audit.ts";
import type { KubeObject } from "../../cluster/kubectl.ts";
import { auditLog } from "../../cluster/node/control-plane.ts";

export interface Installation extends ApiServer {
  /** Everything that anybody wrote so far. */
  writes(): Write[];
}

/** An API server that the operator is installed on, but for its pods: these are processes of whoever starts it. */
export async function startInstallation(): Promise<Installation> {
  const server = await startApiServer();
  const objects = installationObjects({ namespace: "satang-system", registry: "registry.test", version: "1" }) as KubeObject[];
  const withoutPods = objects.filter(({ kind }) => !["Deployment", "PodDisruptionBudget"].includes(kind));
  await server.apply(withoutPods[0]!);
  await server.wait("crd/paymentsystems.satang.dev", "condition=Established");
  await server.apply(...withoutPods.slice(1));
  return { ...server, writes: () => writesIn(join(server.certificates, "../log", auditLog)) };
}
