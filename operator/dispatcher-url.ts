import { ports } from "../workloads/contract.ts";
import { urlAt } from "./ask-process.ts";
import type { Caches } from "./caches.ts";
import { label } from "./labels.ts";

/**
 * Where a system's dispatcher answers on its management port; undefined: there is none. By its pod, for it has no Service. One that is not ready is asked
 * too: on a full node probes come late, and what it says bears its own time.
 */
export function dispatcherUrl(caches: Pick<Caches, "objectsOf">, namespace: string, system: string, path: string): string | undefined {
  const pods = caches
    .objectsOf(namespace, system)
    .list("Pod")
    .filter(({ metadata }) => metadata.labels?.[label.component] === "dispatcher" && metadata.deletionTimestamp === undefined);
  const isReady = ({ status }: (typeof pods)[number]) =>
    status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  const address = (pods.find(isReady) ?? pods[0])?.status?.podIP;
  return address === undefined ? undefined : urlAt(address, ports.management, path);
}
