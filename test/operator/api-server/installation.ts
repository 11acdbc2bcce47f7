import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { installationObjects } from "../../../operator/install/installation.ts";
import { type ApiServer, startApiServer } from "../../cluster/api-server.ts";
import { type Write, writesIn } from "../../cluster/audit.ts";
import type { KubeObject } from "../../cluster/kubectl.ts";
import { auditLog } from "../../cluster/node/control-plane.ts";

export interface Installation extends ApiServer {
  /** Everything that anybody wrote so far. */
  writes(): Write[];
}

/** An API server that the operator is installed on, but for its pods: these are processes of the test's. One for all tests of the `describe`. */
export function installation(): () => Installation {
  let installed: Installation | undefined;
  beforeAll(async () => {
    const server = await startApiServer();
    installed = { ...server, writes: () => writesIn(join(server.certificates, "../log", auditLog)) };
    const objects = installationObjects({ namespace: "satang-system", registry: "registry.test", version: "1" }) as KubeObject[];
    const withoutPods = objects.filter(({ kind }) => !["Deployment", "PodDisruptionBudget"].includes(kind));
    await server.apply(withoutPods[0]!);
    await server.wait("crd/paymentsystems.satang.dev", "condition=Established");
    await server.apply(...withoutPods.slice(1));
  });
  afterAll(() => installed?.[Symbol.asyncDispose]());
  return () => {
    if (!installed) throw new Error("the API server is there once the tests run");
    return installed;
  };
}
