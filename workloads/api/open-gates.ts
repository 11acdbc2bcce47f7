import type { Redis } from "ioredis";
import type { Store } from "../store/store.ts";
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
  { store, redis, metrics }: { store: Store; redis: Redis | undefined; metrics: Metrics },
): { gates: Gates; stop(): Promise<void> } {
  const { requestsPerSecondPerMerchant: perSecond } = settings;
  const now = () => performance.now();
  const overload = new Overload({ storeLoad: store.load, now });
  const admission = new Admission({ store, maxWaitSeconds: settings.maxWaitSeconds, now });
  const gates: Gates = {
    rate: perSecond === undefined ? undefined : new Rate({ perSecond, redis, now }),
    concurrency: new Concurrency(settings.requestsInFlightPerMerchant),
    overload,
    admission,
    metrics,
  };
  return {
    gates,
    async stop() {
      overload.stop();
      await admission.stop();
    },
  };
}
