import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { goTools } from "./build/go-tools.ts";
import { type Kubectl, kubectlOf } from "./kubectl.ts";
import { certificates, kubeconfig } from "./node/certificates.ts";
import { apiServer, etcd, type Place } from "./node/control-plane.ts";
import { address } from "./node/network.ts";
import { claimFolder } from "./node/owner.ts";
import { ready } from "./node/ready.ts";
import { removeNode, sweep } from "./node/sweep.ts";

export interface ApiServer extends Kubectl, AsyncDisposable {
  /** `https://127.0.0.1:port` */
  url: string;
  /** Where `ca.crt`, `admin.crt` and `admin.key` are. */
  certificates: string;
}

/** Only an API server with its etcd, on this machine's loopback, ready in under 3 s: for what needs no pods and no controllers. Needs Go once, never root. */
export async function startApiServer(): Promise<ApiServer> {
  const bin = await goTools("node");
  await sweep();
  const id = `api-${randomBytes(3).toString("hex")}`;
  const folder = claimFolder(id);
  const place: Place = { bin, folder, certificates: join(folder, "certificates"), logs: join(folder, "log"), enter: [] };
  const [[etcdPort, peerPort, apiPort]] = await Promise.all([freePorts(), certificates(place.certificates)]);
  const ports = { etcd: etcdPort, etcdPeer: peerPort, api: apiPort };
  const store = etcd(place, ports);
  const server = apiServer(place, ports, { bind: "127.0.0.1", advertise: address.node, aggregation: "by service" });
  const stop = async () => {
    await Promise.all([server.kill(), store.kill()]); // nothing of it is kept, so nothing has to end well
    await removeNode(id);
  };
  try {
    await ready(server, apiPort, place.certificates);
  } catch (error) {
    await stop();
    throw error;
  }
  const url = `https://127.0.0.1:${apiPort}`;
  const config = join(folder, "kubeconfig");
  writeFileSync(config, kubeconfig(place.certificates, "admin", url), { mode: 0o600 });
  return { ...kubectlOf(join(bin, "kubectl"), config), url, certificates: place.certificates, [Symbol.asyncDispose]: stop };
}

/** Ports that were free a moment ago, all at the same time. */
async function freePorts(): Promise<[number, number, number]> {
  const servers = [createServer(), createServer(), createServer()];
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports as [number, number, number];
}
