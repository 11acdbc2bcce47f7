import type { Metrics } from "../telemetry/metrics.ts";
import type { ShardCount } from "./depth.ts";

/**
 * What an autoscaler is told: `at` is when it was counted, so that a reader can refuse a stale answer. `shardsAway`: those that could not be
 * counted lately; what is open there is not in the sums, and nobody can work on it either.
 */
export type DepthReport = {
  readonly at: string | null;
  readonly queues: { readonly [queue: string]: { depth: number; oldestSeconds: number } };
  readonly shardsAway?: readonly number[];
};

type Sums = {
  readonly at: number;
  readonly depths: Map<string, Deep>;
  readonly unknown: Map<string, Deep>;
  readonly away: readonly number[];
};
type Deep = { depth: number; oldestSeconds: number };
type Gauges = Pick<Metrics, "queueDepth" | "queueOldest" | "unknownOperations" | "unknownOldest" | "shardReachable">;

const oldMs = 15_000;

/** What was last counted on each shard, and the sum of those counts that are not old. */
export class Counts {
  readonly #last: (ShardCount | undefined)[];
  readonly #metrics: Gauges;
  readonly #now: () => number;

  constructor({ shards, metrics, now }: { shards: number; metrics: Gauges; now: () => number }) {
    this.#last = new Array(shards).fill(undefined);
    this.#metrics = metrics;
    this.#now = now;
  }

  counted(shard: number, count: ShardCount): void {
    this.#last[shard] = count;
    this.#metrics.shardReachable.set({ shard: String(shard) }, 1);
    this.#tell();
  }

  /** A count failed. */
  missed(shard: number): void {
    this.#metrics.shardReachable.set({ shard: String(shard) }, 0);
    this.#tell(); // what was counted there may be old by now
  }

  report(): DepthReport {
    const { at, depths, away } = this.#sums();
    if (away.length === this.#last.length) return { at: null, queues: {} };
    return { at: new Date(at).toISOString(), queues: Object.fromEntries(depths), ...(away.length > 0 && { shardsAway: away }) };
  }

  /** What nobody knows is not told: a depth of an hour ago would say that all is as it was. */
  #tell(): void {
    const { depths, unknown } = this.#sums();
    for (const gauge of ["queueDepth", "queueOldest", "unknownOperations", "unknownOldest"] as const) this.#metrics[gauge].reset();
    for (const [queue, { depth, oldestSeconds }] of depths) {
      this.#metrics.queueDepth.set({ queue }, depth);
      this.#metrics.queueOldest.set({ queue }, oldestSeconds);
    }
    for (const [provider, { depth, oldestSeconds }] of unknown) {
      this.#metrics.unknownOperations.set({ provider }, depth);
      this.#metrics.unknownOldest.set({ provider }, oldestSeconds);
    }
  }

  /** `at`: of the oldest count among them. */
  #sums(): Sums {
    const sums = { at: Number.POSITIVE_INFINITY, depths: new Map<string, Deep>(), unknown: new Map<string, Deep>(), away: [] as number[] };
    for (const [shard, count] of this.#last.entries()) {
      if (!count || this.#now() - count.at >= oldMs) {
        sums.away.push(shard);
        continue;
      }
      sums.at = Math.min(sums.at, count.at);
      for (const { queue, depth, oldestSeconds } of count.depths) add(sums.depths, queue, { depth, oldestSeconds });
      for (const { provider, count: depth, oldestSeconds } of count.unknown) add(sums.unknown, provider, { depth, oldestSeconds });
    }
    return sums;
  }
}

function add(sums: Map<string, Deep>, name: string, { depth, oldestSeconds }: Deep): void {
  const sum = sums.get(name);
  sums.set(name, sum ? { depth: sum.depth + depth, oldestSeconds: Math.max(sum.oldestSeconds, oldestSeconds) } : { depth, oldestSeconds });
}
