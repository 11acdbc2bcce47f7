import { setTimeout as sleep } from "node:timers/promises";
import type { Caches } from "../caches.ts";
import { nameOf } from "../desired/names.ts";
import { poolPart } from "../desired/worker-pool.ts";
import type { Kube } from "../kube/kube.ts";
import { fieldManager } from "../labels.ts";
import type { QueueDepths } from "../metrics-api/queue-depths.ts";
import type { System } from "../system.ts";
import { poolBounds } from "./pool-bounds.ts";
import { type History, noHistory, recommend } from "./recommend.ts";
import { type Bounds, isScaled, type Scaling } from "./scaling.ts";

/** The pools of systems that no autoscaler of the cluster can scale, scaled by ourselves. */
export interface Direct {
  /** From now on as this pass has found it: scaled here, or not any more. */
  follow(system: System, scaling: Scaling): void;
}

interface Pool {
  readonly deployment: string;
  readonly queues: readonly string[];
  readonly bounds: Bounds;
  readonly depthPerPod: number;
  readonly scaleDownSeconds: number;
  history: History;
}

interface Deps {
  readonly kube: Kube;
  readonly caches: Pick<Caches, "systems" | "objectsOf">;
  readonly depths: Pick<QueueDepths, "ofSystem">;
  readonly onTrouble: (error: Error) => void;
  readonly stop: AbortSignal;
}

const lookMs = 5_000;

/** Looks at every pool that it follows, again and again until `stop`. Bound: as many as there are in the cluster. */
export function scaleDirectly({ kube, caches, depths, onTrouble, stop }: Deps): Direct {
  const followed = new Map<string, Map<string, Pool>>(); // namespace/system, Deployment

  async function look(namespace: string, system: string, pool: Pool): Promise<void> {
    const current = caches.objectsOf(namespace, system).get("Deployment", pool.deployment)?.spec?.replicas;
    if (current === undefined) return;
    const { pods, history } = recommend({ ...pool, current, depth: depthOf(namespace, system, pool), now: performance.now() / 1000 });
    pool.history = history;
    if (pods === current) return;
    const metadata = { namespace, name: pool.deployment };
    const intent = { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { replicas: pods } };
    await kube.apply(intent, { fieldManager: fieldManager.replicas, force: true });
  }

  /** Undefined unless all of its queues are known. */
  function depthOf(namespace: string, system: string, { queues }: Pool): number | undefined {
    const counted = depths.ofSystem(namespace, system).filter(({ queue }) => queues.includes(queue));
    if (counted.length < queues.length || counted.some(({ unknown }) => unknown !== undefined)) return undefined;
    return counted.reduce((sum, { depth }) => sum + depth, 0);
  }

  async function round(): Promise<void> {
    for (const [key, pools] of followed) {
      const [namespace = "", system = ""] = key.split("/");
      if (!caches.systems.get(namespace, system)) followed.delete(key);
      else for (const pool of pools.values()) await look(namespace, system, pool).catch((error) => onTrouble(error as Error));
    }
  }

  void (async () => {
    while (!stop.aborted) {
      await sleep(lookMs, undefined, { signal: stop }).catch(() => {});
      if (!stop.aborted) await round();
    }
  })();

  return {
    follow(system, scaling) {
      const key = `${system.metadata.namespace}/${system.metadata.name}`;
      const before = followed.get(key);
      if (scaling.backend !== "direct" || system.spec.paused) return void followed.delete(key);
      followed.set(key, new Map(poolsOf(system, scaling, before)));
    },
  };
}

function poolsOf(system: System, scaling: Scaling, before: ReadonlyMap<string, Pool> | undefined): [string, Pool][] {
  return system.spec.workers.flatMap((pool) => {
    const deployment = nameOf(system, poolPart(pool));
    const bounds = poolBounds(system, pool, scaling);
    if (!isScaled(scaling, deployment, bounds)) return [];
    const { queues, queueDepthPerReplica: depthPerPod, scaleDownSeconds } = pool;
    return [
      [deployment, { deployment, queues, bounds, depthPerPod, scaleDownSeconds, history: before?.get(deployment)?.history ?? noHistory }],
    ];
  });
}
