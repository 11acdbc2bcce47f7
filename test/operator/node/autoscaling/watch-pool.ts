import { setTimeout as sleep } from "node:timers/promises";
import type { Shop } from "../shop.ts";

/** What became of a pool's pods, and when. */
export interface PoolWatch {
  /** Seconds from `since` to the first moment at which it was so; undefined: it never was. */
  secondsTo(holds: (pods: Pods) => boolean, since: number): number | undefined;
  readonly most: (of: keyof Pods) => number;
  readonly fewest: (of: keyof Pods) => number;
  end(): Promise<void>;
}

export interface Pods {
  readonly wanted: number;
  readonly ready: number;
}

const everyMs = 500;

/** Looks at its Deployment again and again. */
export function watchPool(shop: Shop, pool: string): PoolWatch {
  const seen: (Pods & { at: number })[] = [];
  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      const deployment = await shop.get("deployment", `shop-worker-${pool}`).catch(() => undefined);
      if (deployment) seen.push({ at: performance.now(), wanted: deployment.spec.replicas, ready: deployment.status?.readyReplicas ?? 0 });
      await sleep(everyMs);
    }
  })();
  return {
    secondsTo(holds, since) {
      const first = seen.find((one) => one.at >= since && holds(one));
      return first && (first.at - since) / 1000;
    },
    fewest: (of) => Math.min(...seen.map((one) => one[of])),
    most: (of) => Math.max(0, ...seen.map((one) => one[of])),
    async end() {
      isOver = true;
      await looking;
    },
  };
}
