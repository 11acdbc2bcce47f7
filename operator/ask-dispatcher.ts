import { ports } from "../workloads/contract.ts";
import type { Caches } from "./caches.ts";
import { label } from "./labels.ts";

// Not by `fetch`, nor by an import, which would read the client behind it as well: 12 MiB.
const http = process.getBuiltinModule("node:http");

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
  if (address === undefined) return undefined;
  return `http://${address.includes(":") ? `[${address}]` : address}:${ports.management}${path}`;
}

/** What it answers with 200, as text of at most 1 MiB; anything else is thrown. */
export function askDispatcher(url: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { signal }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("error", reject);
        response.on("data", (piece: string) => {
          text += piece;
          if (text.length > longestText) response.destroy(new Error("more than a dispatcher would say"));
        });
        response.on("end", () =>
          response.statusCode === 200 ? resolve(text) : reject(new Error(`the dispatcher answers ${response.statusCode}`)),
        );
      })
      .on("error", reject);
  });
}

const longestText = 2 ** 20;
