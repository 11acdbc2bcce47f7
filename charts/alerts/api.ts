import { metrics } from "../../workloads/contract.ts";
import { type AlertGroup, ofSystem, type Recording, system } from "./alert.ts";

/** Of a thousand requests, one may fail. */
export const errorBudget = 0.001;
/** Part of requests that failed by our fault, over a window. */
export const errorRatio = (window: string): string => `satang:api_error_ratio:rate${window}`;

const windows = ["5m", "30m", "1h", "6h"];
const requests = (window: string, only = ""): string => `sum by (${system}) (rate(${metrics.httpRequestDuration}_count${only}[${window}]))`;
const burns = (factor: number, short: string, long: string): string => {
  const limit = Number((factor * errorBudget).toFixed(4));
  return `${errorRatio(short)} > ${limit} and ${errorRatio(long)} > ${limit}`;
};
const ofMerchant = "rate_limit_exceeded|over_fair_share|too_many_in_flight";

/** What merchants notice. */
export const api: AlertGroup = {
  name: "satang.api",
  rules: [
    ...windows.map(
      (window): Recording => ({
        record: errorRatio(window),
        expr: `(${requests(window, '{status_class="5xx"}')} or 0 * ${requests(window)}) / ${requests(window)}`,
      }),
    ),
    {
      alert: "SatangErrorBudgetBurnsFast",
      severity: "critical",
      for: "2m",
      expr: burns(14.4, "5m", "1h"),
      summary: `The API of ${ofSystem} fails {{ $value | humanizePercentage }} of requests`,
      description: "At this rate the errors of a month are used up in two days.",
    },
    {
      alert: "SatangErrorBudgetBurnsSlowly",
      severity: "warning",
      for: "15m",
      expr: burns(6, "30m", "6h"),
      summary: `The API of ${ofSystem} has failed {{ $value | humanizePercentage }} of requests for hours`,
      description: "At this rate the errors of a month are used up in five days.",
    },
    {
      alert: "SatangPaymentsRefused",
      severity: "critical",
      for: "5m",
      expr: `sum by (${system}, reason) (rate(${metrics.loadShed}{class="payment", reason!~"${ofMerchant}"}[5m])) > 0`,
      summary: `New payments are refused in ${ofSystem}: {{ $labels.reason }}`,
      description: "There is more to do than can be done, for every merchant. They are told when to come back.",
    },
    {
      alert: "SatangAcceptSlow",
      severity: "warning",
      for: "10m",
      expr: `histogram_quantile(0.99, sum by (${system}, le) (rate(${metrics.databaseOperationDuration}_bucket{statement="accept"}[5m]))) > 0.5`,
      summary: `One of a hundred payments in ${ofSystem} takes {{ $value | humanizeDuration }} to be accepted`,
      description: "Accepting is one statement in Postgres, waiting for a connection included.",
    },
  ],
};
