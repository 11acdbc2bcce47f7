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
  const table = `cut${++cuts}`;
  const us = await addressOf(kube, pod);
  const rules =
    typeof from === "string" ? (from === "everything" ? everything(us) : theApiServer(us)) : peer(us, await addressOf(kube, from));
  await nft(enter, `table ip ${table} {\n${chain("forward", rules)}\n${chain("input", rules)}\n${chain("output", rules)}\n}\n`);
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
const chain = (hook: string, rules: string[]) =>
  [`chain ${hook} {`, `type filter hook ${hook} priority -10;`, ...rules.map((rule) => `${rule} drop;`), "}"].join("\n");

async function nft(enter: string[], rules: string): Promise<void> {
  const [nsenter = "", ...inside] = enter;
  await command(nsenter, [...inside, "nft", "--file", "-"], { input: rules });
}

async function addressOf(kube: Kubectl, pod: PodName): Promise<string> {
  const { status } = await kube.get("pod", pod.name, pod.namespace);
  if (!status?.podIP) throw new Error(`pod ${pod.namespace}/${pod.name} has no address yet`);
  return status.podIP;
}
