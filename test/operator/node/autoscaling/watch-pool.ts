import type { Cluster } from "../../../cluster/cluster.ts";
import type { Shop } from "../shop.ts";

/** What became of a pool's pods, and when. */
export interface PoolWatch {
  /** Seconds from `since` to the first moment at which it was so; undefined: it never was. */
  secondsTo(holds: (pods: Pods) => boolean, since: number): number | undefined;
  readonly most: (of: keyof Pods) => number;
  readonly fewest: (of: keyof Pods) => number;
  /** Whether no pod was starting or ending then: so many are ready as are wanted, for three seconds. */
  isStill(moment: number): boolean;
  end(): Promise<void>;
}

export interface Pods {
  readonly wanted: number;
  readonly ready: number;
}

const settledMs = 3_000; // in which what ended is cleared away

/** Is told of each change of its Deployment. */
export function watchPool(cluster: Cluster, { namespace }: Shop, pool: string): PoolWatch {
  const seen: (Pods & { at: number })[] = [];
  const columns = `jsonpath={.spec.replicas} {.status.readyReplicas}{"\\n"}`;
  const watch = ["get", "deployment", `shop-worker-${pool}`, "--namespace", namespace, "--watch", "--output", columns];
  const following = cluster.follow(watch, (line) => {
    const [wanted, ready = 0] = line.split(" ").map(Number);
    seen.push({ at: performance.now(), wanted: wanted!, ready });
  });
  return {
    secondsTo(holds, since) {
      const first = seen.find((one) => one.at >= since && holds(one));
      return first && (first.at - since) / 1000;
    },
    fewest: (of) => Math.min(...seen.map((one) => one[of])),
    most: (of) => Math.max(0, ...seen.map((one) => one[of])),
    isStill(moment) {
      const last = seen.findLast(({ at }) => at <= moment);
      return last !== undefined && last.ready === last.wanted && moment - last.at >= settledMs;
    },
    end: async () => following[Symbol.asyncDispose](),
  };
}
