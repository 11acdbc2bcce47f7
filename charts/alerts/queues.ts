import { metrics } from "../../workloads/contract.ts";
import { type AlertGroup, ofSystem, system } from "./alert.ts";

const deliveries = (only: string): string => `sum by (${system}) (rate(${metrics.webhookDeliveries}{outcome=~"${only}"}[30m]))`;

/** What waits, and who works on it. */
export const queues: AlertGroup = {
  name: "satang.queues",
  rules: [
    {
      alert: "SatangQueueWaits",
      severity: "critical",
      for: "2m",
      expr: `max by (${system}, queue) (${metrics.queueOldest}) > 120`,
      summary: `Something waits for {{ $value | humanizeDuration }} in queue {{ $labels.queue }} of ${ofSystem}`,
      description: "Workers do not come to it: there are too few, none, or they hang.",
    },
    {
      alert: "SatangQueueGrows",
      severity: "warning",
      for: "15m",
      expr: `max by (${system}, queue) (${metrics.queueDepth}) > 1000 and max by (${system}, queue) (deriv(${metrics.queueDepth}[15m])) > 0`,
      summary: `Queue {{ $labels.queue }} of ${ofSystem} holds {{ $value }} operations, and grows`,
      description: "More comes in than workers can do.",
    },
    {
      alert: "SatangQueueNotSeen",
      severity: "critical",
      for: "5m",
      expr: `count by (${system}) (up{component="api"} == 1) unless count by (${system}) (${metrics.queueDepth})`,
      summary: `Nobody counts the queues of ${ofSystem}`,
      description: "No dispatcher can be read. What a worker dropped is not offered again, and nothing tells how much waits.",
    },
    {
      alert: "SatangShardAway",
      severity: "critical",
      for: "2m",
      expr: `min by (${system}, shard) (${metrics.shardReachable}) < 1`,
      summary: `Shard {{ $labels.shard }} of Postgres of ${ofSystem} cannot be reached`,
      description: "Its merchants' payments are refused, and what of theirs is open waits and is in no queue's depth.",
    },
    {
      alert: "SatangRedisFills",
      severity: "warning",
      for: "10m",
      expr: `max by (${system}) (${metrics.redisMemory}) > 0.7`,
      summary: `Redis of ${ofSystem} is full to {{ $value | humanizePercentage }}`,
      description: "What it holds grows faster than workers take it. Full, it refuses what is new.",
    },
    {
      alert: "SatangRedisFull",
      severity: "critical",
      for: "5m",
      expr: `max by (${system}) (${metrics.redisMemory}) > 0.85`,
      summary: `Redis of ${ofSystem} is nearly full: {{ $value | humanizePercentage }}`,
      description: "Full, it refuses hints and rates: payments go on from Postgres, later than they could.",
    },
    {
      alert: "SatangLeasesLost",
      severity: "warning",
      for: "15m",
      expr: `sum by (${system}) (rate(${metrics.leaseLost}[15m])) > 0.01`,
      summary: `Workers of ${ofSystem} take longer than they hold what they work on`,
      description: "Nothing is done twice: the fence keeps what came too late from being written. But work is wasted.",
    },
    {
      alert: "SatangWebhooksFail",
      severity: "warning",
      for: "15m",
      // A receiver that fails is left alone for up to 19 minutes: in a window that is not longer there may be no try at all.
      expr: `${deliveries("failed|given_up|gone")} / ${deliveries("delivered|failed|given_up|gone")} > 0.5`,
      summary: `{{ $value | humanizePercentage }} of webhooks of ${ofSystem} fail`,
      description: "Receivers do not answer with 2xx. Each delivery is tried for three days, then given up.",
    },
  ],
};
