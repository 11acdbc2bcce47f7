import { metrics } from "../../workloads/contract.ts";
import { type AlertGroup, ofSystem, system } from "./alert.ts";

const reviewed = `${metrics.operations}{outcome="needs_review"}`;

/** Whether the books are right, and of which money nobody knows. */
export const money: AlertGroup = {
  name: "satang.money",
  rules: [
    {
      alert: "SatangBooksDoNotBalance",
      severity: "critical",
      for: "0m",
      expr: `max by (${system}) (abs(${metrics.ledgerImbalance})) > 0`,
      summary: `The books of ${ofSystem} are off by {{ $value }} minor units`,
      description: "Journals must sum to zero. Money is not where the ledger says, or somebody changed it by hand.",
    },
    {
      alert: "SatangBooksNotChecked",
      severity: "warning",
      for: "15m",
      expr: `count by (${system}) (up{component="dispatcher"} == 1) unless count by (${system}) (${metrics.ledgerImbalance})`,
      summary: `Nobody has checked the books of ${ofSystem}`,
      description: "The dispatcher runs, and cannot check them; so nobody would notice that they are off.",
    },
    {
      alert: "SatangOutcomeUnknown",
      severity: "warning",
      for: "5m",
      expr: `max by (${system}, provider) (${metrics.unknownOldest}) > 3600`,
      summary: `For an hour nobody knows whether money moved at {{ $labels.provider }} (${ofSystem})`,
      description: "The provider has not said what became of an operation. It is asked again by itself; the payment is blocked until then.",
    },
    {
      alert: "SatangNeedsReview",
      severity: "warning",
      for: "0m",
      // A process's first one begins at 1, which `increase` does not see.
      expr: `sum by (${system}, provider, kind) (increase(${reviewed}[1h]) > 0 or (${reviewed} unless ${reviewed} offset 1h)) > 0`,
      summary: `A human must decide of {{ $labels.kind }} at {{ $labels.provider }} (${ofSystem})`,
      description: "The provider was asked for days and never said whether money moved. Nothing more happens by itself.",
    },
    {
      alert: "SatangProviderEventsForged",
      severity: "warning",
      for: "0m",
      expr: `sum by (${system}, provider) (increase(${metrics.providerEvents}{result="forged"}[15m])) > 5`,
      summary: `Events that {{ $labels.provider }} did not sign come to ${ofSystem}`,
      description: "They are refused. Either somebody tries, or the provider signs with another secret than the API knows.",
    },
  ],
};
