import type { SeriesOf } from "./promtool.ts";

export const ofShop = 'namespace="pay", system="shop"';
const pod = `job="satang", ${ofShop}, component="api", pod="shop-api-1"`;
const operator = 'job="satang-operator", namespace="satang-system"';
const member = (ordinal: number) => `job="satang-postgres", ${ofShop}, component="shard-1", pod="shop-shard-1-${ordinal}"`;
const call = `${ofShop}, provider="simulator"`;

/** What a shop shows in which all is well, for seven hours: 10 requests a second, one charge a second. */
export const healthy: SeriesOf = {
  [`up{${pod}}`]: "1x420",
  [`up{job="satang", ${ofShop}, component="dispatcher", pod="shop-dispatcher-1"}`]: "1x420",
  [`process_start_time_seconds{${pod}}`]: "1000x420",
  [`nodejs_eventloop_lag_p99_seconds{${pod}}`]: "0.02x420",
  [`nodejs_heap_space_size_used_bytes{${pod}, space="old"}`]: "50000000x420",

  [`satang_ledger_imbalance_minor_units{${ofShop}}`]: "0x420",
  [`satang_unknown_oldest_seconds{${call}}`]: "10x420",
  [`satang_operations_total{${call}, kind="charge", outcome="succeeded"}`]: "0+60x420",
  [`provider_events_total{${call}, result="new"}`]: "0+1x420",
  [`provider_events_total{${call}, result="forged"}`]: "1x420",

  [`http_server_request_duration_seconds_count{${ofShop}, status_class="2xx"}`]: "0+600x420",
  [`load_shed_total{${ofShop}, class="payment", reason="overloaded"}`]: "7x420",
  [`load_shed_total{${ofShop}, class="payment", reason="rate_limit_exceeded"}`]: "0+60x420",
  [`db_client_operation_duration_seconds_count{${ofShop}, statement="accept", outcome="ok"}`]: "0+600x420",
  [`db_client_operation_duration_seconds_bucket{${ofShop}, statement="accept", outcome="ok", le="0.01"}`]: "0+600x420",
  [`db_client_operation_duration_seconds_bucket{${ofShop}, statement="accept", outcome="ok", le="1"}`]: "0+600x420",
  [`db_client_operation_duration_seconds_bucket{${ofShop}, statement="accept", outcome="ok", le="+Inf"}`]: "0+600x420",

  [`satang_queue_depth{${ofShop}, queue="payments"}`]: "5x420",
  [`satang_queue_oldest_seconds{${ofShop}, queue="payments"}`]: "1x420",
  [`satang_shard_reachable{${ofShop}, shard="0"}`]: "1x420",
  [`satang_shard_reachable{${ofShop}, shard="1"}`]: "1x420",
  [`satang_redis_memory_ratio{${ofShop}}`]: "0.3x420",
  [`satang_lease_lost_total{${ofShop}}`]: "2x420",
  [`webhook_deliveries_total{${ofShop}, outcome="delivered"}`]: "0+60x420",
  [`webhook_deliveries_total{${ofShop}, outcome="failed"}`]: "0+6x420",

  [`provider_breaker_state{${call}, pod="shop-worker-payments-1"}`]: "0x420",
  [`provider_request_duration_seconds_count{${call}, outcome="succeeded"}`]: "0+60x420",
  [`provider_request_duration_seconds_bucket{${call}, le="1"}`]: "0+60x420",
  [`provider_request_duration_seconds_bucket{${call}, le="10"}`]: "0+60x420",
  [`provider_request_duration_seconds_bucket{${call}, le="+Inf"}`]: "0+60x420",
  [`satang_replica_lag_seconds{${ofShop}, replica="0"}`]: "0.1x420",

  [`up{${member(0)}}`]: "1x420",
  [`up{${member(1)}}`]: "1x420",
  [`patroni_primary{${member(0)}}`]: "1x420",
  [`patroni_primary{${member(1)}}`]: "0x420",
  [`patroni_postgres_streaming{${member(0)}}`]: "0x420",
  [`patroni_postgres_streaming{${member(1)}}`]: "1x420",
  [`patroni_xlog_location{${member(0)}}`]: "1000000000+60000000x420",
  [`patroni_xlog_location{${member(1)}}`]: "0x420",
  [`patroni_xlog_replayed_location{${member(0)}}`]: "0x420",
  [`patroni_xlog_replayed_location{${member(1)}}`]: "990000000+60000000x420",

  [`satang_operator_leads{${operator}, pod="operator-1"}`]: "1x420",
  [`satang_operator_leads{${operator}, pod="operator-2"}`]: "0x420",
  [`satang_operator_watch_staleness_seconds{${operator}, pod="operator-1"}`]: "60x420",
  [`reconcile_duration_seconds_count{${operator}, outcome="done"}`]: "0+1x420",
  [`reconcile_duration_seconds_count{${operator}, outcome="failed"}`]: "1x420",
  [`satang_operator_applies_total{${operator}, result="changed"}`]: "0+1x420",
  [`satang_operator_applies_total{${operator}, result="unchanged"}`]: "4x420",
  [`satang_operator_applies_total{${operator}, result="refused"}`]: "1x420",
};

/** With other values for those whose name begins so; one that none begins with is a further series. */
export function healthyBut(changes: Readonly<Record<string, string>>): SeriesOf {
  const series: Record<string, string> = { ...healthy };
  for (const [beginning, values] of Object.entries(changes)) {
    const names = Object.keys(healthy).filter((name) => name.startsWith(beginning));
    for (const name of names.length > 0 ? names : [beginning]) series[name] = values;
  }
  return series;
}
