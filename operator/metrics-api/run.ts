import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type Certificates, faultOf } from "../certificates/certificates.ts";
import type { Days } from "../certificates/make.ts";
import { caBundleOf, certificatesOf } from "../certificates/secret-data.ts";
import type { Kube } from "../kube/kube.ts";
import { authorizing } from "./authorize.ts";
import { frontProxyOf } from "./front-proxy.ts";
import { keepCertificates } from "./keep-certificates.ts";
import type { QueueDepths } from "./queue-depths.ts";
import { type OurService, register, type Served, whoServes } from "./registration.ts";
import { serveMetricsApi } from "./server.ts";

export type RunOptions = {
  readonly kube: Kube;
  readonly depths: QueueDepths;
  /** The Service that leads to this process and to those like it. */
  readonly service: OurService;
  /** What the APIService goes with when the operator is uninstalled. */
  readonly clusterRole: string;
  readonly listenPort: number;
  /** By which the process that leads writes, as long as it does; undefined: it does not, and only serves. */
  readonly leader: () => Kube | undefined;
  readonly days?: Days | undefined;
  /** Hears when `served` or `trouble` is another than before. */
  readonly onChange?: () => void;
  readonly onTrouble: (error: Error) => void;
};

export interface RunningMetricsApi {
  readonly port: number;
  /** Who serves external metrics in this cluster, as it was a moment ago; undefined: not known yet. */
  served(): Served | undefined;
  /** Resolves once that is known. */
  whenKnown(): Promise<unknown>;
  /** Why the API server cannot be answered here, in a sentence; undefined: it can, or another is asked. */
  problem(): string | undefined;
  /** What went wrong with certificates or registration when this was last looked at, also while what was there before still serves. */
  trouble(): string | undefined;
  stop(): Promise<void>;
}

/** In our own namespace. */
export const certificatesSecret = "satang-metrics-api";
const lookMs = { usually: 5_000, inTrouble: 1_000 };

/**
 * Serves external metrics and keeps that so: certificates renewed, the API server told of them, and its own client authority followed.
 * Where another serves them already, that one is left in peace.
 */
export async function runMetricsApi(options: RunOptions): Promise<RunningMetricsApi> {
  const { kube, depths, service, clusterRole, listenPort, leader, days, onChange = () => {}, onTrouble } = options;
  const names = [`${service.name}.${service.namespace}.svc`];
  const api = await serveMetricsApi({ depths, authorize: authorizing(kube), port: listenPort });
  const stopping = new AbortController();
  let served: Served | undefined;
  const known = Promise.withResolvers<void>();
  let inUse = "";
  let pending = "nobody has looked yet";
  let trouble: string | undefined;

  async function certificates(lead: Kube | undefined): Promise<Certificates | undefined> {
    if (lead) return keepCertificates(lead, { namespace: service.namespace, secret: certificatesSecret, names, now: Date.now(), days });
    const kept = await kube.get("Secret", { namespace: service.namespace, name: certificatesSecret });
    const found = kept?.data && certificatesOf(kept.data);
    const fault = found && faultOf(found, Date.now());
    if (fault) throw new Error(`Secret ${certificatesSecret} is of no use: ${fault}`);
    return found;
  }

  /** Whether all is as it should be: if not, the next look is soon. */
  async function look(): Promise<boolean> {
    const lead = leader();
    const found = await whoServes(kube, service);
    const isOther = !isDeepStrictEqual(found, served);
    served = found;
    known.resolve();
    if (isOther) onChange();
    if (found.by !== "nobody" && found.by !== "us") return true;

    const have = await certificates(lead);
    const config = await kube.get("ConfigMap", { namespace: "kube-system", name: "extension-apiserver-authentication" });
    const proxy = frontProxyOf(config?.data);
    if (!have) throw new Error(`Secret ${certificatesSecret} has no certificates yet: whoever leads makes them`);
    if (!proxy) throw new Error("this API server has no front proxy: it cannot say in whose name it asks");
    if (lead) await register(lead, { service, clusterRole, caBundle: caBundleOf(have.trusted) });
    // The API server heard of a new authority a look ago, before anything of it is served.
    if (found.by !== "us" || !found.caBundle.includes(have.authority.certificate.trim())) return false;
    const next = `${have.serving.certificate}${proxy.authority}${proxy.allowedNames}`;
    if (next !== inUse) api.use(have.serving, proxy);
    inUse = next;
    return found.available;
  }

  const looking = (async () => {
    while (!stopping.signal.aborted) {
      const before = trouble;
      let isWell = false;
      try {
        isWell = await look();
        trouble = undefined;
        pending = isWell ? "" : "the API server is being told of it";
      } catch (error) {
        trouble = (error as Error).message;
        if (trouble !== before) onTrouble(error as Error); // once
      }
      if (trouble !== before) onChange();
      await sleep(isWell ? lookMs.usually : lookMs.inTrouble, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();

  return {
    port: api.port,
    served: () => served,
    whenKnown: () => known.promise,
    problem: () => (inUse || !(trouble ?? pending) ? undefined : `external metrics cannot be served: ${trouble ?? pending}`),
    trouble: () => trouble,
    async stop() {
      stopping.abort();
      await looking;
      await api.close();
    },
  };
}
