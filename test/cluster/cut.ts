import { command } from "./command.ts";
import type { Kubectl, PodName } from "./kubectl.ts";
import { address } from "./node/network.ts";

/** `everything`: the kubelet's probes too, so a liveness probe that fails for long restarts the container. Or the API server only, or one other pod. */
export type CutFrom = "everything" | "the API server" | PodName;

/** A partition that lasts until it is healed; disposing heals. */
export interface Cut extends AsyncDisposable {
  heal(): Promise<void>;
}

let cuts = 0;

/**
 * Drops a pod's packets, both ways, of open connections too: nobody is told, as when a cable is pulled. The rules stand where
 * packets have already left a Service's address for a pod's, so a path through a Service is cut as well.
 */
export async function cut({ kube, enter, pod, from }: { kube: Kubectl; enter: string[]; pod: PodName; from: CutFrom }): Promise<Cut> {
  const us = await addressOf(kube, pod);
  const packets =
    typeof from === "string" ? (from === "everything" ? everything(us) : theApiServer(us)) : peer(us, await addressOf(kube, from));
  const rules = packets.map((packet) => `${packet} drop;`);
  return apply(
    enter,
    ["forward", "input", "output"].map((hook) => chain(hook, rules)),
  );
}

/** Refuses each new connection of a pod to a port, wherever that is, as a policy does that has not heard of the pod yet. */
export async function reject({ kube, enter, pod, port }: { kube: Kubectl; enter: string[]; pod: PodName; port: number }): Promise<Cut> {
  const first = `ip saddr ${await addressOf(kube, pod)} tcp dport ${port} tcp flags & (syn | ack) == syn`;
  return apply(enter, [chain("forward", [`${first} reject with icmp port-unreachable;`])]);
}

async function apply(enter: string[], chains: string[]): Promise<Cut> {
  const table = `cut${++cuts}`;
  await nft(enter, `table ip ${table} {\n${chains.join("\n")}\n}\n`);
  let healed = false;
  const heal = async () => {
    if (healed) return;
    healed = true;
    await nft(enter, `delete table ip ${table}\n`);
  };
  return { heal, [Symbol.asyncDispose]: heal };
}

const everything = (us: string) => [`ip saddr ${us}`, `ip daddr ${us}`];
const theApiServer = (us: string) => [
  `ip saddr ${us} ip daddr ${address.node} tcp dport 6443`,
  `ip saddr ${address.node} ip daddr ${us} tcp sport 6443`,
];
const peer = (us: string, them: string) => [`ip saddr ${us} ip daddr ${them}`, `ip saddr ${them} ip daddr ${us}`];

// Before kube-proxy's filters (priority 0), after its translation of a Service's address.
const chain = (hook: string, rules: string[]) => [`chain ${hook} {`, `type filter hook ${hook} priority -10;`, ...rules, "}"].join("\n");

async function nft(enter: string[], rules: string): Promise<void> {
  const [nsenter = "", ...inside] = enter;
  await command(nsenter, [...inside, "nft", "--file", "-"], { input: rules });
}

async function addressOf(kube: Kubectl, pod: PodName): Promise<string> {
  const { status } = await kube.get("pod", pod.name, pod.namespace);
  if (!status?.podIP) throw new Error(`pod ${pod.namespace}/${pod.name} has no address yet`);
  return status.podIP;
}
