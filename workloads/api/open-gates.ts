import type { Redis } from "ioredis";
import type { Shards } from "../store/shards.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { Admission } from "./admission.ts";
import { Concurrency } from "./concurrency.ts";
import type { Gates } from "./gates.ts";
import { Overload } from "./overload.ts";
import { Rate } from "./rate.ts";

export type GateSettings = {
  readonly maxWaitSeconds: number;
  /** `undefined`: no bound. */
  readonly requestsPerSecondPerMerchant: number | undefined;
  readonly requestsInFlightPerMerchant: number;
};

/** The gates of one process, with what they look at. */
export function openGates(
  settings: GateSettings,
  { shards, redis, metrics }: { shards: Pick<Shards, "all" | "known">; redis: Redis | undefined; metrics: Metrics },
): { gates: Gates; stop(): Promise<void> } {
  const { requestsPerSecondPerMerchant: perSecond } = settings;
  const now = () => performance.now();
  const storeOf = (bucket: number) => {
    const shard = shards.known(bucket);
    return shard === undefined ? undefined : shards.all[shard];
  };
  const overload = new Overload({ storeLoad: (bucket) => storeOf(bucket)?.load() ?? 0, now });
  // Each shard has queues of its own, which drain as fast as they do.
  const admissions = shards.all.map((store) => new Admission({ store, maxWaitSeconds: settings.maxWaitSeconds, now }));
  const gates: Gates = {
    rate: perSecond === undefined ? undefined : new Rate({ perSecond, redis, now }),
    concurrency: new Concurrency(settings.requestsInFlightPerMerchant),
    overload,
    refusalOf({ bucket, merchantId }) {
      const shard = shards.known(bucket);
      return shard === undefined ? undefined : admissions[shard]!.refusalOf(merchantId);
    },
    metrics,
  };
  return {
    gates,
    async stop() {
      overload.stop();
      await Promise.all(admissions.map((admission) => admission.stop()));
    },
  };
}
