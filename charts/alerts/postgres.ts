import { type AlertGroup, ofSystem, system } from "./alert.ts";

const job = `job="satang-postgres"`;
const shard = `${system}, component`;
const member = `${shard}, pod`;
const ofMember = "{{ $labels.pod }} in {{ $labels.namespace }}";

const written = `max by (${shard}) (patroni_xlog_location{${job}} offset 1m)`;
const replayed = `max by (${member}) (patroni_xlog_replayed_location{${job}} > 0)`; // 0: it leads, or its server is away

/** Members of managed Postgres, as their Patroni tells. Component of the first shard is `postgres`, of others `shard-1`, `shard-2` and on. */
export const postgres: AlertGroup = {
  name: "satang.postgres",
  rules: [
    {
      alert: "SatangNoPrimary",
      severity: "critical",
      for: "2m",
      // A member that cannot be read tells nothing, and is none.
      expr: `(max by (${shard}) (patroni_primary{${job}}) or 0 * max by (${shard}) (up{${job}})) == 0`,
      summary: `No member of {{ $labels.component }} takes writes (${ofSystem})`,
      description: "Payments of the merchants who live on this shard are answered 503. A failover takes less than a minute.",
    },
    {
      alert: "SatangStandbyNotStreaming",
      severity: "warning",
      for: "10m",
      // Without its server a member does not say whether it streams.
      expr: `max by (${member}) (up{${job}}) unless max by (${member}) (patroni_primary{${job}} == 1 or patroni_postgres_streaming{${job}} == 1)`,
      summary: `${ofMember} neither leads nor follows`,
      description: "It is away, is being filled, or does not get what the primary writes. There is one member less that can take over.",
    },
    {
      alert: "SatangStandbyBehind",
      severity: "warning",
      for: "5m",
      // By the log alone: nobody's clock is asked, and a database that nobody writes to has no laggards.
      expr: `${written} - on (${shard}) group_right ${replayed} > 0`,
      summary: `${ofMember} has not replayed {{ $value | humanize1024 }}B that were written a minute ago`,
      description: "It gets no reads meanwhile. It would take over only after it has replayed all that it has.",
    },
  ],
};
