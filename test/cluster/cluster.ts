import { join } from "node:path";
import { type Write, writesIn } from "./audit.ts";
import type { Image } from "./build/image.ts";
import { type Cut, type CutFrom, cut, reject } from "./cut.ts";
import { foreignCluster } from "./foreign-cluster.ts";
import { type Forward, forward } from "./forward.ts";
import { keepWhatHappened } from "./keep.ts";
import type { Kubectl, PodName } from "./kubectl.ts";
import { type Namespace, namespaceOf } from "./namespace.ts";
import { auditLog } from "./node/control-plane.ts";
import { type Daemon, daemon } from "./node/daemon.ts";
import { ready } from "./node/ready.ts";
import { importImages, type Node, type NodeOptions, startNode } from "./node/start-node.ts";
import { signalContainer } from "./signal-container.ts";

/** A Kubernetes cluster for tests. Disposing of it ends and removes everything that it made. */
export interface Cluster extends Kubectl, AsyncDisposable {
  /** A fresh namespace, removed when disposed. `restricted` makes Pod Security refuse whatever could harm the node. */
  namespace(options?: { enforce?: "restricted" | "baseline" | "privileged" }): Promise<Namespace>;
  /** A port of this machine's loopback that leads to a Service of the cluster. */
  forward(service: { namespace: string; name: string }, port: number): Promise<Forward>;
  /** What only a node of our own can do; asking for it on the cluster of `SATANG_TEST_KUBECONFIG` throws. */
  node: OwnNode;
}

export interface OwnNode {
  folder: string;
  /** The words before a command that make it run inside the node's namespaces, beside its kubelet. */
  enter: string[];
  /** As `Cluster.forward`, to an address: nothing is looked up when somebody connects. */
  forward(address: string, port: number): Promise<Forward>;
  /** Makes images known to the node, beside those that `startCluster` was given. */
  load(...images: Image[]): Promise<void>;
  /** Starts a process beside the kubelet, where Services, pods and the API server (127.0.0.1:6443) can be reached and reach it at 192.0.2.1. */
  start(name: string, file: string, args: string[], env?: NodeJS.ProcessEnv): Daemon;
  /** Sends a signal to a container's first process, as the kernel does when memory runs out. */
  signal(pod: PodName, signal: NodeJS.Signals): Promise<void>;
  cut(pod: PodName, from: CutFrom): Promise<Cut>;
  reject(pod: PodName, port: number): Promise<Cut>;
  /** Nobody reaches the API server from now on: it is `gone` (connections are refused) or it `hangs` (they are taken, and nothing answers). */
  outage(kind: "gone" | "hangs"): Promise<Cut>;
  /** Everything that anybody wrote to the API server so far. */
  writes(): Write[];
  /** Kills the kubelet and starts it again; pods must not notice. */
  restartKubelet(): Promise<void>;
  /** Resolves when the node is gone, whoever ended it. */
  ended: Promise<void>;
}

/** Starts a node of our own as these options say, or takes the cluster that `SATANG_TEST_KUBECONFIG` names as it is. */
export async function startCluster(options: NodeOptions = {}): Promise<Cluster> {
  const kubeconfig = process.env.SATANG_TEST_KUBECONFIG;
  if (kubeconfig) return foreignCluster(kubeconfig);
  const node = await startNode(options);
  return {
    ...node.kube,
    namespace: (options) => namespaceOf(node.kube, options),
    forward: (service, port) => forward(node.doorway, `${service.name}.${service.namespace}.svc.cluster.local`, port),
    node: ownNode(node),
    async [Symbol.asyncDispose]() {
      await keepWhatHappened(node);
      await node.stop();
    },
  };
}

function ownNode(node: Node): OwnNode {
  const { folder, place, kube } = node;
  const { enter } = node.isolation;
  return {
    folder,
    enter,
    ended: node.isolation.ended,
    forward: (address, port) => forward(node.doorway, address, port),
    load: (...images) => importImages(place, images),
    start: (name, file, args, env = {}) => daemon({ name, log: join(place.logs, `${name}.log`), file, args, env, enter }),
    signal: (pod, signal) => signalContainer(place, kube, pod, signal),
    cut: (pod, from) => cut({ kube, enter, pod, from }),
    reject: (pod, port) => reject({ kube, enter, pod, port }),
    outage: (kind) => outage(node, kind),
    writes: () => writesIn(join(place.logs, auditLog)),
    async restartKubelet() {
      await node.kubelet.kill();
      node.kubelet.start();
    },
  };
}

async function outage({ apiServer, apiPort, place }: Node, kind: "gone" | "hangs"): Promise<Cut> {
  if (kind === "gone") await apiServer.kill();
  else apiServer.signal("SIGSTOP");
  let healed = false;
  const heal = async () => {
    if (healed) return;
    healed = true;
    if (kind === "gone") apiServer.start();
    else apiServer.signal("SIGCONT");
    await ready(apiServer, apiPort, place.certificates);
  };
  return { heal, [Symbol.asyncDispose]: heal };
}
