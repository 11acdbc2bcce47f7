import { expect, test } from "vitest";
import { Counts } from "../../../workloads/dispatcher/counts.ts";
import type { ShardCount } from "../../../workloads/dispatcher/depth.ts";
import { imbalanceOf } from "../../../workloads/dispatcher/imbalance.ts";
import { processMetrics } from "../../../workloads/telemetry/metrics.ts";

let at = Date.parse("2026-01-01T00:00:00Z");
const now = () => at;
const counted = (depth: number, oldestSeconds: number): ShardCount => ({
  at,
  depths: [{ queue: "payments", depth, oldestSeconds }],
  unknown: [{ provider: "simulator", count: 1, oldestSeconds }],
});
const valuesOf = async (metric: { get(): Promise<{ values: { value: number }[] }> }) =>
  (await metric.get()).values.map(({ value }) => value);

test("a queue is as deep as on all shards together, and as old as its oldest anywhere", async () => {
  const metrics = processMetrics();
  const counts = new Counts({ shards: 2, metrics, now });

  counts.counted(0, counted(5, 1));
  counts.counted(1, counted(7, 9));

  expect(counts.report()).toEqual({ at: "2026-01-01T00:00:00.000Z", queues: { payments: { depth: 12, oldestSeconds: 9 } } });
  expect(await valuesOf(metrics.queueDepth)).toEqual([12]);
  expect(await valuesOf(metrics.unknownOperations)).toEqual([2]);
});

test("a shard that was not counted for 15 s is in no sum, and is named; with none left nothing is known", async () => {
  const metrics = processMetrics();
  const counts = new Counts({ shards: 2, metrics, now });
  counts.counted(0, counted(5, 1));
  counts.counted(1, counted(7, 9));

  at += 15_000;
  counts.counted(0, counted(4, 2));
  counts.missed(1);

  expect(counts.report()).toMatchObject({ queues: { payments: { depth: 4, oldestSeconds: 2 } }, shardsAway: [1] });
  expect(await valuesOf(metrics.queueDepth)).toEqual([4]);
  expect(await valuesOf(metrics.shardReachable)).toEqual([1, 0]);
  at += 15_000;
  expect(counts.report()).toEqual({ at: null, queues: {} });
});

test("what could not be counted for 15 s is told by no metric, also where there is one shard", async () => {
  const metrics = processMetrics();
  const counts = new Counts({ shards: 1, metrics, now });
  counts.counted(0, counted(5, 1));

  counts.missed(0);
  expect(await valuesOf(metrics.queueDepth)).toEqual([5]);
  at += 15_000;
  counts.missed(0);

  for (const metric of [metrics.queueDepth, metrics.queueOldest, metrics.unknownOperations, metrics.unknownOldest])
    expect(await valuesOf(metric)).toEqual([]);
});

test("books are said to balance when those of every shard were checked, and to be off when those of any are", async () => {
  const { ledgerImbalance } = processMetrics();
  const found = imbalanceOf(2, ledgerImbalance);
  const told = async () => (await valuesOf(ledgerImbalance))[0];

  found(0, 0);
  expect(await told()).toBeUndefined();
  found(1, 0);
  expect(await told()).toBe(0);
  found(1, 30);
  expect(await told()).toBe(30);
  found(0, undefined);
  expect(await told()).toBe(30);
  found(1, 0);
  expect(await told()).toBeUndefined();
});
