import { spawn } from "node:child_process";
import type { Cluster } from "./cluster.ts";
import type { Forward } from "./forward.ts";
import { kubectlOf } from "./kubectl.ts";
import { namespaceOf } from "./namespace.ts";

/** A cluster that is somebody else's: what we made in it goes, it stays. Its images come from wherever it pulls them. */
export function foreignCluster(kubeconfig: string): Cluster {
  const kube = kubectlOf("kubectl", kubeconfig);
  return {
    ...kube,
    namespace: (options) => namespaceOf(kube, options),
    forward: (service, port) => portForward(kubeconfig, service, port),
    get node(): never {
      throw new Error("this needs a node of our own, which SATANG_TEST_KUBECONFIG replaces: put the test under `onOwnNode`");
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** By kubectl, which chooses one pod of the Service and stays with it. */
async function portForward(kubeconfig: string, service: { namespace: string; name: string }, port: number): Promise<Forward> {
  const args = ["port-forward", "--namespace", service.namespace, `service/${service.name}`, `:${port}`];
  const child = spawn("kubectl", args, { env: { ...process.env, KUBECONFIG: kubeconfig }, stdio: ["ignore", "pipe", "inherit"] });
  const local = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`kubectl port-forward ended with ${code}`)));
    child.stdout.on("data", (text: Buffer) => {
      const found = text.toString().match(/127\.0\.0\.1:(\d+)/);
      if (found) resolve(Number(found[1]));
    });
  });
  return {
    port: local,
    address: `127.0.0.1:${local}`,
    async [Symbol.asyncDispose]() {
      child.kill();
    },
  };
}
