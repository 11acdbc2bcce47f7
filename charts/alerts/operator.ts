import type { AlertGroup } from "./alert.ts";

const job = `job="satang-operator"`;

const applied = (result: string): string => `sum by (namespace) (rate(satang_operator_applies_total{${job}, result="${result}"}[15m]))`;

/** The operator. While it is away, systems go on; nobody changes them, and nobody mends them. */
export const operator: AlertGroup = {
  name: "satang.operator",
  rules: [
    {
      alert: "SatangOperatorAway",
      severity: "critical",
      for: "5m",
      expr: "sum by (namespace) (satang_operator_leads) == 0 or absent(satang_operator_leads)",
      summary: "No Satang operator leads",
      description: "PaymentSystems go on as they are. Changes wait, and what breaks is not mended.",
    },
    {
      alert: "SatangOperatorBlind",
      severity: "warning",
      for: "5m",
      expr: "max by (namespace, pod) (satang_operator_watch_staleness_seconds) > 180",
      summary:
        "The operator {{ $labels.namespace }}/{{ $labels.pod }} has heard nothing of the API server for {{ $value | humanizeDuration }}",
      description: "It may act on what is no longer so.",
    },
    {
      alert: "SatangReconcileFails",
      severity: "warning",
      for: "15m",
      expr: `sum by (namespace) (rate(reconcile_duration_seconds_count{${job}, outcome="failed"}[10m])) > 0`,
      summary: "Passes over PaymentSystems fail",
      description: "They are tried again, ever later, up to a minute apart.",
    },
    {
      alert: "SatangOperatorRefused",
      severity: "warning",
      for: "15m",
      expr: `sum by (namespace) (rate(satang_operator_applies_total{${job}, result="refused"}[10m])) > 0`,
      summary: "The API server refuses what the operator asks for",
      description: "A right is missing, a quota is full, an admission webhook says no, or an object is somebody else's.",
    },
    {
      alert: "SatangOperatorBusyForNothing",
      severity: "warning",
      for: "30m",
      expr: `${applied("unchanged")} > 0.2 or ${applied("changed")} > 1`,
      summary: "The operator writes the same again and again",
      description: "Somebody else changes the same objects all the time, or they are understood in two ways.",
    },
  ],
};
