import type { Caches } from "./caches.ts";
import { dispatcherUrl } from "./dispatcher-url.ts";
import type { Kube } from "./kube/kube.ts";
import { pollDepths } from "./metrics-api/poll-depths.ts";
import { QueueDepths } from "./metrics-api/queue-depths.ts";
import { runMetricsApi } from "./metrics-api/run.ts";
import { metricsApiPorts } from "./operator-env.ts";
import { noPrimary } from "./postgres/no-primary.ts";
import { allowsZero } from "./scaling/allows-zero.ts";
import type { Scalers } from "./scaling/observe-scaling.ts";

interface Installed {
  readonly access: { readonly namespace: string };
  readonly installedAs: string;
  readonly metricsApiPort: number;
}

interface Deps {
  readonly kube: Kube;
  readonly caches: Caches;
  /** Undefined while another process leads: this one only serves. */
  readonly leader: () => Kube | undefined;
  /** Hears of each system whose queues became known, unknown, or others. */
  readonly onChange: (namespace: string, system: string) => void;
  /** Hears when `scalers` say something else than before, of whichever system. */
  readonly onServed: () => void;
  readonly onTrouble: (error: Error) => void;
}

export interface Queues {
  readonly depths: QueueDepths;
  readonly scalers: Scalers;
  readonly port: number;
  /** Resolves once `scalers` can be asked. */
  whenKnown(): Promise<unknown>;
  /** Why the API server cannot be answered, in a sentence; undefined: it can. */
  problem(): string | undefined;
  stop(): Promise<void>;
}

/** Knows how deep the queues of every system are, and tells the API server for its autoscalers. Every process of the operator does, whoever leads. */
export async function serveQueues({ access, installedAs, metricsApiPort }: Installed, deps: Deps): Promise<Queues> {
  const { kube, caches, leader, onChange, onServed, onTrouble } = deps;
  const depths = new QueueDepths();
  const service = { namespace: access.namespace, name: installedAs, port: metricsApiPorts.service };
  const api = await runMetricsApi({
    kube,
    depths,
    service,
    clusterRole: installedAs,
    listenPort: metricsApiPort,
    leader,
    onChange() {
      caches.watchScaledObjects(api.served()?.by === "keda", onServed);
      onServed();
    },
    onTrouble,
  });
  const polling = pollDepths({
    systems: () => caches.systems.list().map(({ metadata: { namespace = "", name } }) => ({ namespace, name })),
    urlOf: (namespace, name, path) => dispatcherUrl(caches, namespace, name, path),
    holdOf: (namespace, name) => noPrimary(caches, namespace, name),
    depths,
    onChange,
    onTrouble: (namespace, name, error) => onTrouble(new Error(`queues of ${namespace}/${name}: ${error.message}`, { cause: error })),
  });

  let zero: boolean | "asked" | undefined;
  /** Asked once, when the first system wants it. */
  function allowed(): boolean {
    const lead = leader();
    if (zero === undefined && lead) {
      zero = "asked";
      allowsZero(lead, access.namespace).then(
        (is) => {
          zero = is;
          onServed();
        },
        (error) => {
          zero = undefined; // the next pass asks again
          onTrouble(error as Error);
        },
      );
    }
    return zero === true;
  }

  return {
    depths,
    scalers: { served: () => api.served() ?? { by: "unknown" }, allowsZero: allowed, trouble: api.trouble },
    port: api.port,
    whenKnown: api.whenKnown,
    problem: api.problem,
    async stop() {
      polling.stop();
      await api.stop();
    },
  };
}
