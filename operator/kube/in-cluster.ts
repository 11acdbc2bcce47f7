import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Access, Credentials } from "./access.ts";

/**
 * The API server as a pod reaches it, as the pod's service account. `host` and `port` are the pod's `KUBERNETES_SERVICE_HOST` and
 * `_PORT`. Throws if the pod has no token: its spec says `automountServiceAccountToken: false`.
 */
export async function inCluster({
  host,
  port,
  folder = "/var/run/secrets/kubernetes.io/serviceaccount",
  rereadSeconds = 10,
}: Pod): Promise<Access> {
  const file = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
  const read = async (): Promise<Credentials> => {
    const [ca, token] = await Promise.all([file("ca.crt"), file("token")]);
    return { ca, token: token.trim() };
  };
  const namespace = await file("namespace").catch((cause) => {
    throw new Error(`no service account in ${folder}: mount the token into this pod (automountServiceAccountToken: true)`, { cause });
  });

  let last = await read();
  let readAt = performance.now();
  const credentials = async (): Promise<Credentials> => {
    if (performance.now() - readAt < rereadSeconds * 1000) return last;
    readAt = performance.now();
    last = await read().catch(() => last); // between two versions of the volume there may be no file for a moment
    return last;
  };
  return { server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`, namespace: namespace.trim(), credentials };
}

interface Pod {
  host: string;
  port: string;
  /** Where the kubelet puts token, CA and namespace. */
  folder?: string;
  /** Default 10: it makes a new token well before the old one ends, and writes it into the same file. */
  rereadSeconds?: number;
}
