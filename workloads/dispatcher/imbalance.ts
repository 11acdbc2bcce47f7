import type { Metrics } from "../telemetry/metrics.ts";

/**
 * Tells by how much the books of all shards are off, as one number; the answer takes what was found on a shard, `undefined` for "nobody knows".
 * What is wrong on one is told also while nobody knows of another; that all is well is said only when all were checked.
 */
export function imbalanceOf(shards: number, gauge: Metrics["ledgerImbalance"]): (shard: number, offBy: number | undefined) => void {
  const found: (number | undefined)[] = new Array(shards).fill(undefined);
  return (shard, offBy) => {
    found[shard] = offBy;
    const known = found.filter((one) => one !== undefined);
    const sum = known.reduce((total, one) => total + one, 0);
    if (sum > 0 || known.length === shards) gauge.set(sum);
    else gauge.remove();
  };
}
