import { setTimeout as sleep } from "node:timers/promises";
import type { Kube } from "../kube/kube.ts";
import { authorizing } from "./authorize.ts";
import type { Certificates, Days } from "./certificates.ts";
import { frontProxyOf } from "./front-proxy.ts";
import { caBundleOf, certificatesOf, keepCertificates } from "./keep-certificates.ts";
import type { QueueDepths } from "./queue-depths.ts";
import { type OurService, register, type Served, whoServes } from "./registration.ts";
import { serveMetricsApi } from "./server.ts";

export type RunOptions = {
  readonly kube: Kube;
  readonly depths: QueueDepths;
  /** The Service that leads to this process and to those like it. */
  readonly service: OurService;
  readonly listenPort: number;
  /** Whether this process may write: of several one does, and all serve. */
  readonly leads: () => boolean;
  readonly days?: Days | undefined;
  readonly onTrouble: (error: Error) => void;
};

export interface RunningMetricsApi {
  readonly port: number;
  /** Who serves external metrics in this cluster, as it was a moment ago; undefined: not known yet. */
  served(): Served | undefined;
  stop(): Promise<void>;
}

const secret = "satang-metrics-api";
const lookSeconds = 5;

/**
 * Serves external metrics and keeps that so: certificates renewed, the API server told of them, and its own client authority followed.
 * Where another serves them already, that one is left in peace.
 */
export async function runMetricsApi(options: RunOptions): Promise<RunningMetricsApi> {
  const { kube, depths, service, listenPort, leads, days, onTrouble } = options;
  const names = [`${service.name}.${service.namespace}.svc`];
  const api = await serveMetricsApi({ depths, authorize: authorizing(kube), port: listenPort });
  const stopping = new AbortController();
  let served: Served | undefined;
  let inUse = "";

  async function certificates(): Promise<Certificates | undefined> {
    if (leads()) return keepCertificates(kube, { namespace: service.namespace, secret, names, now: Date.now(), days });
    const kept = await kube.get("Secret", { namespace: service.namespace, name: secret });
    return kept?.data && certificatesOf(kept.data);
  }

  // Callers hear of a new authority before anything of it is served.
  async function look(): Promise<void> {
    const have = await certificates();
    const config = await kube.get("ConfigMap", { namespace: "kube-system", name: "extension-apiserver-authentication" });
    const proxy = frontProxyOf(config?.data);
    if (!have || !proxy) return;

    served = await whoServes(kube, service);
    if (leads() && (served.by === "nobody" || served.by === "us")) await register(kube, { service, caBundle: caBundleOf(have.trusted) });
    const next = `${have.serving.certificate}${proxy.authority}${proxy.allowedNames}`;
    if (next !== inUse) api.use(have.serving, proxy);
    inUse = next;
  }

  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await look().catch((error) => onTrouble(error as Error));
      await sleep(lookSeconds * 1000, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();

  return {
    port: api.port,
    served: () => served,
    async stop() {
      stopping.abort();
      await looking;
      await api.close();
    },
  };
}
