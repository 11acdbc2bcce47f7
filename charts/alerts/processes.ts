import { metrics } from "../../workloads/contract.ts";
import { type AlertGroup, ofSystem, system } from "./alert.ts";

const statements = (only = ""): string => `sum by (${system}) (rate(${metrics.databaseOperationDuration}_count${only}[5m]))`;
const pod = `${system}, component, pod`;
const ofPod = "{{ $labels.pod }} in {{ $labels.namespace }}";

/** Processes, and Postgres as they see it. */
export const processes: AlertGroup = {
  name: "satang.processes",
  rules: [
    {
      alert: "SatangStatementsFail",
      severity: "critical",
      for: "5m",
      expr: `${statements('{outcome="error"}')} / ${statements()} > 0.01`,
      summary: `{{ $value | humanizePercentage }} of statements of ${ofSystem} fail in Postgres`,
      description: "Postgres cannot be reached, fails over, or refuses. What cannot be written is answered 503.",
    },
    {
      alert: "SatangReplicaBehind",
      severity: "warning",
      for: "5m",
      expr: `max by (${system}, replica) (${metrics.replicaLag}) > 60`,
      summary: `Replica {{ $labels.replica }} of ${ofSystem} is {{ $value | humanizeDuration }} behind`,
      description: "Lists and reports show what was so then, or are refused with 503.",
    },
    {
      alert: "SatangProcessDown",
      severity: "warning",
      for: "5m",
      expr: `up{job="satang"} == 0`,
      summary: `${ofPod} cannot be read`,
      description: "Prometheus gets no metrics of it: it hangs, or the network is cut.",
    },
    {
      alert: "SatangProcessRestarts",
      severity: "warning",
      for: "0m",
      expr: `max by (${pod}) (changes(process_start_time_seconds{job="satang"}[30m])) > 2`,
      summary: `${ofPod} was started again {{ $value }} times in half an hour`,
      description: "It ends by itself, or is killed. Nothing is lost by it, but it does no work meanwhile.",
    },
    {
      alert: "SatangEventLoopSlow",
      severity: "warning",
      for: "10m",
      expr: `max by (${pod}) (nodejs_eventloop_lag_p99_seconds{job="satang"}) > 0.5`,
      summary: `${ofPod} has more to do than its CPU can`,
      description: "Its event loop comes {{ $value | humanizeDuration }} late.",
    },
    {
      alert: "SatangHeapFull",
      severity: "warning",
      for: "5m",
      // The old space may grow to 192 MiB (`nodeFlags`).
      expr: `max by (${pod}) (nodejs_heap_space_size_used_bytes{job="satang", space="old"}) > 170 * 2 ^ 20`,
      summary: `The heap of ${ofPod} is nearly full`,
      description: "At 192 MiB the process ends and is started again.",
    },
  ],
};
