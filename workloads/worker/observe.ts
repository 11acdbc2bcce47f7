import { publicId } from "../payment/id.ts";
import type { ClaimedOperation } from "../payment/operation.ts";
import type { ProviderObserver } from "../provider/guarded.ts";
import type { Consequence } from "../provider/outcome.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";

const breakerStates = { closed: 0, half_open: 1, open: 2 } as const;

/** Provider calls and breakers as metrics. */
export function observeProviders(metrics: Metrics): ProviderObserver {
  return {
    onCall: ({ seconds, ...labels }) => metrics.providerRequestDuration.observe(labels, seconds),
    onBreaker: (provider, state) => metrics.providerBreakerState.set({ provider }, breakerStates[state]),
  };
}

/** What was written of operations, as metrics; and in the log, where a person will look for it. */
export function observeOperations(metrics: Metrics, log: Log) {
  return {
    onWritten(claimed: ClaimedOperation, consequence: Consequence): void {
      const { kind, provider } = claimed;
      const outcome = consequence.kind === "settle" ? consequence.settlement.state : consequence.postponement.state;
      metrics.operations.inc({ kind, provider, outcome });
      if (consequence.kind === "settle") metrics.operationDuration.observe({ kind }, (Date.now() - claimed.createdAt.getTime()) / 1000);
      if (outcome === "needs_review")
        log.error(
          { operation: publicId("operation", claimed.bucket, claimed.id) },
          "nobody knows whether money moved: a human must decide",
        );
      if (outcome === "unknown")
        log.info(
          { operation: publicId("operation", claimed.bucket, claimed.id), ...reasonOf(consequence) },
          "the outcome is unknown; asking again",
        );
    },
    onLeaseLost(claimed: ClaimedOperation): void {
      metrics.leaseLost.inc();
      log.info({ operation: publicId("operation", claimed.bucket, claimed.id) }, "another worker has it by now; nothing was written");
    },
  };
}

const reasonOf = (consequence: Consequence) => (consequence.kind === "postpone" ? { reason: consequence.postponement.reason } : {});
