import { publicId } from "../payment/id.ts";
import type { OperationRef } from "../payment/operation.ts";
import type { Store } from "../store/store.ts";
import type { Context } from "../telemetry/lifecycle.ts";
import { Lanes } from "../webhook/lanes.ts";
import { lookup } from "../webhook/lookup.ts";
import { poster } from "../webhook/post.ts";
import { deliveryOutcome } from "./delivery-outcome.ts";
import { tell } from "./tell.ts";

export type DeliveriesOptions = {
  readonly slots: number;
  readonly leaseSeconds: number;
  readonly timeoutSeconds: number;
  readonly schedule: readonly number[];
  readonly allowPrivate: boolean;
  readonly dnsServers: readonly string[];
  /** One more of a shard's was done with. */
  readonly onDone: (store: Store) => void;
};

/** Opens the way to merchants' receivers; the answer works on one delivery. */
export function deliveries(
  options: DeliveriesOptions,
  { log, metrics, onStop }: Pick<Context<unknown>, "log" | "metrics" | "onStop">,
): (ref: OperationRef, store: Store) => Promise<void> {
  const { slots, leaseSeconds, timeoutSeconds, schedule, allowPrivate, dnsServers, onDone } = options;
  const posting = poster({ lookup: lookup({ allowPrivate, servers: dnsServers }), timeoutSeconds });
  onStop("receivers", posting.close);
  const lanes = new Lanes({ slots });

  return (ref, store) =>
    tell(ref, {
      ...{ store: store.webhooks, lanes, schedule, random: Math.random, poster: posting, leaseSeconds, timeoutSeconds },
      onWritten({ endpoint, event, createdAt, bucket }, told) {
        metrics.webhookDeliveries.inc({ outcome: deliveryOutcome(told) });
        if (told.state !== "queued") onDone(store);
        if (told.state === "succeeded") metrics.operationDuration.observe({ kind: "deliver" }, (Date.now() - createdAt.getTime()) / 1000);
        if (endpoint && told.state === "declined")
          log.info(
            { endpoint: publicId("webhookEndpoint", bucket, endpoint.id), event: publicId("event", bucket, event.id), reason: told.reason },
            "a merchant was not told: it was tried for the last time",
          );
      },
      onLeaseLost: () => metrics.leaseLost.inc(),
    });
}
