import { metrics } from "../../workloads/contract.ts";
import { type AlertGroup, ofSystem, system } from "./alert.ts";

const calls = (only = ""): string => `sum by (${system}, provider) (rate(${metrics.providerRequestDuration}_count${only}[5m]))`;

/** Who moves the money. */
export const provider: AlertGroup = {
  name: "satang.provider",
  rules: [
    {
      alert: "SatangProviderCutOff",
      severity: "critical",
      for: "2m",
      // Half open (1) it is still away: a provider that hangs is tried for ten seconds out of forty, and nobody would be told of the thirty between.
      expr: `max by (${system}, provider) (${metrics.providerBreakerState}) >= 1`,
      summary: `No call but a few that try is sent to {{ $labels.provider }} (${ofSystem}): it did not answer`,
      description: "The circuit breaker is not closed. Payments are accepted and wait; it is tried again by itself.",
    },
    {
      alert: "SatangProviderFails",
      severity: "warning",
      for: "10m",
      expr: `${calls('{outcome=~"unknown|not_sent|throttled"}')} / ${calls()} > 0.05`,
      summary: `{{ $value | humanizePercentage }} of calls to {{ $labels.provider }} (${ofSystem}) get no answer of use`,
      description: "They time out, are turned away, or could not be sent. Declines do not count.",
    },
    {
      alert: "SatangProviderSlow",
      severity: "warning",
      for: "10m",
      expr: `histogram_quantile(0.95, sum by (${system}, provider, le) (rate(${metrics.providerRequestDuration}_bucket[5m]))) > 5`,
      summary: `One of twenty calls to {{ $labels.provider }} (${ofSystem}) takes {{ $value | humanizeDuration }}`,
      description: "Half of the time after which a call is given up and its outcome is unknown.",
    },
  ],
};
