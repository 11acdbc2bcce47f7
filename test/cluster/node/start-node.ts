import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pauseImage } from "../build/base-images.ts";
import { goTools } from "../build/go-tools.ts";
import type { Image } from "../build/image.ts";
import { command } from "../command.ts";
import { eventually } from "../eventually.ts";
import { type Forward, forward } from "../forward.ts";
import { type Kubectl, kubectlOf } from "../kubectl.ts";
import { addOnObjects, coreDns, metricsServer } from "./add-ons.ts";
import { certificates, kubeconfig } from "./certificates.ts";
import { enterSystem, makeCgroups } from "./cgroups.ts";
import { apiServer, controllerManager, etcd, type Place, scheduler, usualPorts } from "./control-plane.ts";
import { type Daemon, daemon } from "./daemon.ts";
import { type Isolation, isolate } from "./isolation.ts";
import { containerd, kubelet, kubeProxy } from "./kubelet.ts";
import { address, network } from "./network.ts";
import { claimFolder } from "./owner.ts";
import { policyEnforcer } from "./policy-enforcer.ts";
import { ready } from "./ready.ts";
import { removeNode, sweep } from "./sweep.ts";
import { volumes } from "./volumes.ts";

export interface Node {
  id: string;
  folder: string;
  place: Place;
  isolation: Isolation;
  doorway: string;
  kube: Kubectl;
  /** Of our loopback; leads to the API server. */
  apiPort: number;
  apiServer: Daemon;
  kubelet: Daemon;
  daemons: Daemon[];
  stop(): Promise<void>;
}

export interface NodeOptions {
  /** What pods may be made of, beside the pause image. */
  images?: Image[];
  /** Let NetworkPolicies be enforced, not only accepted. Default: no. */
  enforcesPolicies?: boolean;
}

/** Starts a whole Kubernetes node and returns when it is Ready: about 6 s, and 2 s for each large image. What killed runs left is removed first. */
export async function startNode({ images = [], enforcesPolicies = false }: NodeOptions = {}): Promise<Node> {
  await sweep();
  const [bin, pause] = await Promise.all([goTools("node"), pauseImage()]);
  const enforcer = enforcesPolicies ? await goTools("kube-router") : undefined; // after the node's: it shares most packages with them
  const id = randomBytes(3).toString("hex");
  const folder = claimFolder(id);
  let isolation: Isolation | undefined;
  try {
    makeCgroups(id);
    const certified = certificates(join(folder, "certificates"));
    isolation = await isolate(folder);
    await Promise.all([network(isolation), certified]);
    const place: Place = {
      bin,
      folder,
      certificates: join(folder, "certificates"),
      logs: join(folder, "log/parts"),
      enter: [...enterSystem(id), ...isolation.enter],
    };
    return await startParts({ id, folder, place, isolation, images: [pause, ...images], enforcer });
  } catch (error) {
    await isolation?.end();
    await removeNode(id);
    throw error;
  }
}

interface Parts {
  id: string;
  folder: string;
  place: Place;
  isolation: Isolation;
  images: Image[];
  /** The folder of what enforces NetworkPolicies. */
  enforcer: string | undefined;
}

async function startParts({ id, folder, place, isolation, images, enforcer }: Parts): Promise<Node> {
  const store = etcd(place, usualPorts);
  const api = apiServer(place, usualPorts, { bind: "0.0.0.0", advertise: address.node, aggregation: "by endpoint" });
  const runtime = containerd(place);
  const door = join(folder, "doorway");
  const doorway = daemon({
    name: "doorway",
    log: join(place.logs, "doorway.log"),
    file: process.execPath,
    args: [join(import.meta.dirname, "doorway.ts"), door],
    enter: ["nice", "--adjustment=-10", ...isolation.enter], // who comes by it stands for somebody outside, who has cores of his own
  });
  const imported = importImages(place, images);

  const toApi = await forward(door, "127.0.0.1", usualPorts.api);
  const kube = kubectlOf(join(place.bin, "kubectl"), writeKubeconfig(folder, toApi));
  await ready(api, toApi.port, place.certificates);
  const controllers = [controllerManager(place, usualPorts), scheduler(place, usualPorts)];
  const agent = kubelet(place, id);
  const rest = [kubeProxy(place), coreDns(place), metricsServer(place)];
  await kube.apply(...volumes(folder), ...addOnObjects);
  await imported;
  await eventually(() => nodeIsReady(kube), { withinSeconds: 60, everyMs: 100 });
  if (enforcer) rest.push(await policyEnforcer({ ...place, bin: enforcer }));

  return {
    ...{ id, folder, place, isolation, doorway: door, kube, apiPort: toApi.port, apiServer: api, kubelet: agent },
    daemons: [store, api, runtime, doorway, ...controllers, agent, ...rest],
    async stop() {
      await toApi[Symbol.asyncDispose]();
      await isolation.end();
      await removeNode(id);
    },
  };
}

/** Puts images where pods of the node find them. */
export async function importImages(place: Place, images: Image[]): Promise<void> {
  const [enter = "", ...inside] = place.enter;
  const ctr = (...args: string[]) => command(enter, [...inside, join(place.bin, "ctr"), "--namespace", "k8s.io", ...args]);
  await eventually(() => ctr("version"), { withinSeconds: 30, everyMs: 50 });
  for (const image of images) await ctr("images", "import", "--local", image.archive);
}

/** By the loopback of the host, so kubectl and tests need not be inside. */
function writeKubeconfig(folder: string, toApi: Forward): string {
  const file = join(folder, "kubeconfig");
  writeFileSync(file, kubeconfig(join(folder, "certificates"), "admin", `https://${toApi.address}`), { mode: 0o600 });
  return file;
}

async function nodeIsReady(kube: Kubectl): Promise<void> {
  const answer = await kube.kubectl("get", "node", "node", "--output", 'jsonpath={.status.conditions[?(@.type=="Ready")].status}');
  if (answer !== "True") throw new Error(`the node is not Ready after a minute; its parts' logs are in the folder that is kept`);
}
