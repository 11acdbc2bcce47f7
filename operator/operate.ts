import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { watchBooks } from "./books.ts";
import { watchAll } from "./caches.ts";
import type { Images } from "./desired/given.ts";
import type { Access } from "./kube/access.ts";
import { client } from "./kube/client.ts";
import { elect } from "./kube/elect.ts";
import { eventRecorder } from "./kube/event-recorder.ts";
import type { Fence } from "./kube/fence.ts";
import type { Kube } from "./kube/kube.ts";
import { type Again, workqueue } from "./kube/workqueue.ts";
import { managedBy } from "./labels.ts";
import { startManagement } from "./management.ts";
import { operatorMetrics } from "./metrics.ts";
import { poolsOf } from "./pools.ts";
import { watchLag } from "./postgres/watch-lag.ts";
import { reconcile } from "./reconcile.ts";
import { redisSets } from "./redis/redis-sets.ts";
import { watchMasters } from "./redis/watch-masters.ts";
import { scaleDirectly } from "./scaling/scale-directly.ts";
import { serveQueues } from "./serve-queues.ts";

export interface Operation {
  readonly access: Access;
  readonly images: Images;
  readonly version: string;
  /** Of this process among those that could lead. */
  readonly podName: string;
  /** Whose PaymentSystems it takes; none named: all of the cluster's. */
  readonly namespaces: readonly string[];
  readonly managementPort: number;
  readonly metricsApiPort: number;
  /** Name of our Service, and of the ClusterRole that was installed with us. */
  readonly installedAs: string;
  readonly log: Logger;
}

/** Watches from the start, and acts whenever it leads, until `stop`. A process that does not lead is warm: it takes over with what it has seen. */
export async function operate(operation: Operation, stop: AbortSignal): Promise<void> {
  const { access, images, version, podName, namespaces, managementPort, log } = operation;
  const metrics = operatorMetrics({
    stalenessSeconds: () => caches.stalenessSeconds(),
    systems: () => caches.systems.list().length,
    pools: () => poolsOf(caches.systems.list()),
  });
  const onTrouble = (error: Error) => log.warn({ err: error }, error.message);
  await using kube = client(access, { onAnswer: (method, code) => metrics.answers.inc({ method, code }) });
  await using leaseKube = client(access);
  const identity = `${podName}_${randomUUID()}`;
  const events = eventRecorder(kube, { controller: "satang.dev/operator", instance: podName, onTrouble });

  let changed = (_key: string): void => {}; // whoever does not lead only looks
  const caches = watchAll(kube, { namespaces, onChange: (namespace, name) => changed(`${namespace}/${name}`), onTrouble });
  const masters = watchMasters({ sets: () => redisSets(caches), onChange: (namespace, name) => changed(`${namespace}/${name}`) });
  const changedAll = () => {
    for (const { metadata } of caches.systems.list()) changed(`${metadata.namespace}/${metadata.name}`);
  };
  let leader: Kube | undefined;
  const queues = await serveQueues(operation, {
    kube,
    caches,
    leader: () => leader,
    onChange: (namespace, name) => changed(`${namespace}/${name}`),
    onServed: changedAll,
    onTrouble,
  });
  const management = await startManagement({
    port: managementPort,
    registry: metrics.registry,
    ready: () => (caches.synced ? queues.problem() : "the objects of the cluster are not all known yet"),
  });

  log.info({ version, server: access.server, management: management.port, metricsApi: queues.port }, "started");

  async function act(fence: Fence): Promise<void> {
    leader = kube.under(fence);
    const books = watchBooks({ caches, onChange: (namespace, name) => changed(`${namespace}/${name}`), stop: fence.signal });
    const lag = watchLag({ caches, onChange: (namespace, name) => changed(`${namespace}/${name}`), stop: fence.signal });
    const { depths, scalers } = queues;
    const direct = scaleDirectly({ kube: leader, caches, depths, onTrouble, stop: fence.signal });
    const deps = { kube: leader, caches, books, masters, lag, scalers, depths, direct, events, images, version, now: () => new Date() };
    const onApplied = ({ changed, unchanged, failures }: { changed: number; unchanged: number; failures: readonly object[] }) => {
      metrics.applies.inc({ result: "changed" }, changed);
      metrics.applies.inc({ result: "unchanged" }, unchanged);
      metrics.applies.inc({ result: "refused" }, failures.length);
    };
    async function work(key: string): Promise<Again> {
      const [namespace, name = ""] = key.split("/");
      const found = caches.systems.get(namespace, name);
      if (!found) return "never";
      const beganAt = performance.now();
      let outcome = "failed";
      try {
        const again = await reconcile(found, { ...deps, onApplied });
        outcome = "done";
        return again;
      } finally {
        metrics.reconcileDuration.observe({ outcome }, (performance.now() - beganAt) / 1000);
      }
    }

    await Promise.race([Promise.all([caches.whenSynced(), queues.whenKnown()]), aborted(fence.signal)]);
    if (fence.signal.aborted) return;
    log.info("leading");
    metrics.leads.set(1);
    const queue = workqueue({
      name: "paymentsystems",
      work,
      metrics: metrics.workqueue,
      backoffSeconds: { first: 0.5, most: 60 },
      onFailure: (key, error, retrySeconds) =>
        log.warn({ key, err: error, retrySeconds }, `a pass over ${key} failed: ${(error as Error).message}`),
    });
    changed = (key) => queue.addAfter(key, gatherSeconds);
    changedAll();
    await aborted(fence.signal);
    changed = () => {};
    leader = undefined;
    metrics.leads.set(0);
    await queue.stop();
    await events.flush();
    log.info("not leading any more");
  }

  try {
    await elect({ kube: leaseKube, namespace: access.namespace, name: managedBy, identity, onTrouble }, act, stop);
  } finally {
    masters.stop();
    await queues.stop();
    await caches.stop();
    management.close();
  }
}

/** What one change brings about comes as many, and one pass is enough for all of them. */
const gatherSeconds = 0.2;

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true })));
