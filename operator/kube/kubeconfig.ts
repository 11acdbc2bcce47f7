import type { RequestOptions } from "node:https";
import type { Access, Credentials } from "./access.ts";

const renewMs = 60_000;

/**
 * The API server that a kubeconfig's current context names; without `path` the one that kubectl would take. Only for outside a cluster: it loads
 * Kubernetes' client library, which costs a second and 80 MB.
 */
export async function kubeconfig(path?: string): Promise<Access> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  if (path) config.loadFromFile(path);
  else config.loadFromDefault();

  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error(`${path ?? "the kubeconfig"} has no current context: choose one by \`kubectl config use-context NAME\``);
  if (!cluster.server.startsWith("https://")) throw new Error(`cluster ${cluster.name} is at ${cluster.server}: only https:// is taken`);
  if (cluster.skipTLSVerify)
    throw new Error(
      `cluster ${cluster.name} says insecure-skip-tls-verify: give its certificate-authority, for Secrets go over this connection`,
    );

  const read = async (): Promise<Credentials> => {
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options); // also runs what an `exec` user names, and keeps its token as long as it holds
    const { ca, cert, key, servername, headers } = options;
    const authorization = (headers as Record<string, string> | undefined)?.Authorization;
    return {
      ca: ca?.toString(),
      token: authorization?.replace(/^Bearer /, ""),
      certificate: cert && key ? { cert: cert.toString(), key: key.toString() } : undefined,
      serverName: servername,
    };
  };
  let last = await read();
  let readAt = performance.now();
  const credentials = async (): Promise<Credentials> => {
    if (performance.now() - readAt < renewMs) return last;
    last = await read();
    readAt = performance.now();
    return last;
  };
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace ?? "default";
  return { server: cluster.server.replace(/\/$/, ""), namespace, credentials };
}
