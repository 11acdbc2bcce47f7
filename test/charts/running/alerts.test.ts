import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { alerts } from "../../../charts/alerts/alerts.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { healthy, healthyBut, ofShop } from "./healthy-series.ts";
import { expectFiring } from "./promtool.ts";

const rules = new URL("../../../charts/satang-operator/files/alerts.yaml", import.meta.url).pathname;
const http = `http_server_request_duration_seconds_count{${ofShop}, status_class="5xx"}`;
const statement = `db_client_operation_duration_seconds_`;
const calls = "provider_request_duration_seconds_";
const isAway = "_x420";
const member = (ordinal: number): string => `job="satang-postgres", ${ofShop}, component="shard-1", pod="shop-shard-1-${ordinal}"`;

/** What goes wrong, what it looks like, and when it must have been noticed; `also`: what follows from the same cause. */
const causes: readonly { alert: string; changes: Record<string, string>; at?: string; also?: readonly string[] }[] = [
  { alert: "SatangBooksDoNotBalance", changes: { satang_ledger_imbalance: "0x29 -1x400" }, at: "30m" },
  { alert: "SatangBooksNotChecked", changes: { satang_ledger_imbalance: isAway } },
  { alert: "SatangOutcomeUnknown", changes: { satang_unknown_oldest: "0+60x420" }, at: "70m" },
  {
    alert: "SatangNeedsReview",
    changes: { [`satang_operations_total{${ofShop}, provider="simulator", kind="charge", outcome="needs_review"}`]: "3x90 4x300" },
    at: "100m",
  },
  {
    alert: "SatangNeedsReview",
    changes: { [`satang_operations_total{${ofShop}, provider="stripe", kind="refund", outcome="needs_review"}`]: "_x25 1x400" },
  },
  {
    alert: "SatangProviderEventsForged",
    changes: { [`provider_events_total{${ofShop}, provider="simulator", result="forged"`]: "0+1x420" },
  },
  { alert: "SatangErrorBudgetBurnsFast", changes: { [http]: "0+12x420" }, at: "80m", also: ["SatangErrorBudgetBurnsSlowly"] },
  { alert: "SatangErrorBudgetBurnsSlowly", changes: { [http]: "0+5x420" }, at: "400m" },
  { alert: "SatangPaymentsRefused", changes: { [`load_shed_total{${ofShop}, class="payment", reason="overloaded"`]: "0+60x420" } },
  { alert: "SatangAcceptSlow", changes: { [`${statement}bucket{${ofShop}, statement="accept", outcome="ok", le="0.01"`]: "0+300x420" } },
  { alert: "SatangQueueWaits", changes: { satang_queue_oldest: "300x420" } },
  { alert: "SatangQueueGrows", changes: { satang_queue_depth: "900+10x420" } },
  { alert: "SatangQueueNotSeen", changes: { satang_queue_depth: isAway, satang_queue_oldest: isAway } },
  { alert: "SatangShardAway", changes: { [`satang_shard_reachable{${ofShop}, shard="1"`]: "1x20 0x400" } },
  { alert: "SatangRedisFills", changes: { satang_redis_memory: "0.75x420" } },
  { alert: "SatangRedisFull", changes: { satang_redis_memory: "0.9x420" }, also: ["SatangRedisFills"] },
  { alert: "SatangLeasesLost", changes: { satang_lease_lost_total: "0+6x420" } },
  { alert: "SatangWebhooksFail", changes: { [`webhook_deliveries_total{${ofShop}, outcome="failed"`]: "0+90x420" }, at: "60m" },
  {
    alert: "SatangWebhooksFail", // one try in 19 minutes
    changes: {
      [`webhook_deliveries_total{${ofShop}, outcome="delivered"`]: "0+60x10 600x410",
      [`webhook_deliveries_total{${ofShop}, outcome="failed"`]: Array.from({ length: 420 }, (_, minute) => Math.floor(minute / 19)).join(
        " ",
      ),
    },
    at: "70m",
  },
  { alert: "SatangProviderCutOff", changes: { provider_breaker_state: "0x20 2x400" } },
  { alert: "SatangProviderCutOff", changes: { provider_breaker_state: `0x20 ${"2 1 ".repeat(100).trim()}` } },
  { alert: "SatangProviderFails", changes: { [`${calls}count{${ofShop}, provider="simulator", outcome="unknown"}`]: "0+6x420" } },
  { alert: "SatangProviderSlow", changes: { [`${calls}bucket{${ofShop}, provider="simulator", le="1"`]: "0+40x420" } },
  { alert: "SatangStatementsFail", changes: { [`${statement}count{${ofShop}, statement="accept", outcome="error"}`]: "0+30x420" } },
  { alert: "SatangReplicaBehind", changes: { satang_replica_lag: "90x420" } },
  { alert: "SatangProcessDown", changes: { [`up{job="satang", ${ofShop}, component="simulator", pod="shop-simulator-0"}`]: "0x420" } },
  { alert: "SatangProcessRestarts", changes: { process_start_time: "1000x10 1600x5 1900x5 2200x400" } },
  { alert: "SatangEventLoopSlow", changes: { nodejs_eventloop: "0.9x420" } },
  { alert: "SatangHeapFull", changes: { nodejs_heap: "190000000x420" } },
  {
    alert: "SatangNoPrimary",
    changes: { patroni_primary: "0x420", patroni_postgres_streaming: "0x420", patroni_xlog_location: "0x420" },
    also: ["SatangStandbyNotStreaming"],
  },
  { alert: "SatangNoPrimary", changes: { ...memberAway(0), ...memberAway(1) }, also: ["SatangStandbyNotStreaming"] },
  {
    alert: "SatangNoPrimary", // of the second shard; the first has one
    changes: {
      [`up{job="satang-postgres", ${ofShop}, component="postgres", pod="shop-postgres-0"}`]: "1x420",
      [`patroni_primary{job="satang-postgres", ${ofShop}, component="postgres", pod="shop-postgres-0"}`]: "1x420",
      [`patroni_primary{${member(0)}`]: "0x420",
    },
    also: ["SatangStandbyNotStreaming"],
  },
  { alert: "SatangStandbyNotStreaming", changes: { [`patroni_postgres_streaming{${member(1)}`]: "0x420" } },
  { alert: "SatangStandbyNotStreaming", changes: memberAway(1) },
  { alert: "SatangStandbyBehind", changes: { [`patroni_xlog_replayed_location{${member(1)}`]: "800000000+60000000x420" } },
  { alert: "SatangStandbyBehind", changes: { [`patroni_xlog_replayed_location{${member(1)}`]: "1000000000x420" } },
  { alert: "SatangOperatorAway", changes: { satang_operator_leads: "0x420" } },
  { alert: "SatangOperatorAway", changes: { satang_operator_leads: isAway } },
  { alert: "SatangOperatorBlind", changes: { satang_operator_watch: "0+60x420" } },
  {
    alert: "SatangReconcileFails",
    changes: { 'reconcile_duration_seconds_count{job="satang-operator", namespace="satang-system", outcome="failed"': "0+1x420" },
  },
  {
    alert: "SatangOperatorRefused",
    changes: { 'satang_operator_applies_total{job="satang-operator", namespace="satang-system", result="refused"': "0+1x420" },
  },
  {
    alert: "SatangOperatorBusyForNothing",
    changes: { 'satang_operator_applies_total{job="satang-operator", namespace="satang-system", result="unchanged"': "0+60x420" },
    at: "60m",
  },
  {
    alert: "SatangOperatorBusyForNothing",
    changes: { 'satang_operator_applies_total{job="satang-operator", namespace="satang-system", result="changed"': "0+90x420" },
    at: "60m",
  },
];

/** Prometheus reads nothing of it. */
function memberAway(ordinal: number): Record<string, string> {
  const metrics = ["patroni_primary", "patroni_postgres_streaming", "patroni_xlog_location", "patroni_xlog_replayed_location"];
  return {
    [`up{${member(ordinal)}`]: "1x10 0x410",
    ...Object.fromEntries(metrics.map((metric) => [`${metric}{${member(ordinal)}`, isAway])),
  };
}

onOwnNode("alerts", () => {
  test.each(["5m", "30m", "2h", "7h"])("are silent while all is well, seen after %s", async (at) => {
    await expectFiring(rules, { series: healthy, at, alerts: [] });
  });

  test.each(causes)("$alert fires when $changes, and no other that does not follow", async ({ alert, changes, at = "30m", also = [] }) => {
    await expectFiring(rules, { series: healthyBut(changes), at, alerts: [alert, ...also].toSorted() });
  });

  test("have a cause each in this test, and a page that says what it means, how to see it and what to do", () => {
    expect(alerts.filter(({ alert }) => !causes.some((cause) => cause.alert === alert)).map(({ alert }) => alert)).toEqual([]);
    for (const { alert } of alerts) {
      const page = readFileSync(new URL(`../../../docs/runbooks/${alert}.md`, import.meta.url), "utf8");
      expect(page.match(/^#+ .+$/gm)).toEqual([`# ${alert}`, "## What it means", "## How to see it", "## What to do"]);
    }
  });
});
