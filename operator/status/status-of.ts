import type { Condition, PaymentSystemStatus } from "../../crds/status.ts";
import { publicUrl } from "../desired/api.ts";
import { nameOf } from "../desired/names.ts";
import { secretParts } from "../desired/secrets.ts";
import { shardParts } from "../desired/shards.ts";
import { poolPart } from "../desired/worker-pool.ts";
import type { QueueDepth } from "../metrics-api/queue-depths.ts";
import type { Objects } from "../objects.ts";
import type { Observed } from "../observe.ts";
import type { System } from "../system.ts";
import { causes, checks } from "./checks.ts";
import { conditionOf, since, specInvalid, summary, type Told } from "./conditions.ts";
import { type Finding, well } from "./finding.ts";
import type { Known } from "./known.ts";
import { migrationsApplied } from "./migrations-applied.ts";
import { shardStatus } from "./postgres-ready.ts";
import { redisStatus } from "./redis-ready.ts";
import { worst } from "./worst.ts";

interface Circumstances {
  readonly before: PaymentSystemStatus;
  readonly now: Date;
  /** Of the operator, and so of what it runs. */
  readonly version: string;
}

/** What is told about a system after a pass. */
export function statusOf(known: Known, { before, now, version }: Circumstances): PaymentSystemStatus {
  const { system, observed } = known;
  const { generation } = system.metadata;
  const told: Told[] = [
    ...summary(summaryOf(known), generation),
    ...(system.spec.paused ? [paused(generation)] : []),
    ...Object.entries(checks).map(([type, check]) => conditionOf(type as keyof typeof checks, check(known), generation)),
  ];
  const done = migrationsApplied(known).state === "well";
  return {
    observedGeneration: generation,
    conditions: since(told, (before.conditions ?? []) as Condition[], now),
    version,
    url: publicUrl(system),
    credentialsSecretName: nameOf(system, secretParts.keys),
    ...(done ? { migration: known.migration } : before.migration !== undefined && { migration: before.migration }),
    api: apiStatus(system, observed.objects),
    workers: workersStatus(system, observed),
    ...(system.spec.postgres.backend === "managed" && { postgres: postgresStatus(system, observed) }),
    ...(system.spec.redis.backend === "managed" && { redis: redisStatus(known) }),
  };
}

/** Of a resource that cannot be followed: what was told of its parts stays, for they run on. */
export function statusOfProblem(generation: number, problem: string, { before, now }: Omit<Circumstances, "version">): PaymentSystemStatus {
  const conditions = (before.conditions ?? []) as Condition[];
  const parts = conditions.filter(({ type }) => !["Ready", "Reconciling", "Stalled"].includes(type));
  const told = since(summary(specInvalid(problem), generation), conditions, now);
  return { ...before, observedGeneration: generation, conditions: [...told, ...parts] };
}

function summaryOf(known: Known): Finding {
  return worst(causes.map((check) => check(known))) ?? well("Ready", "payments are taken and performed");
}

const paused = (observedGeneration: number): Told => ({
  type: "Paused",
  status: "True",
  observedGeneration,
  reason: "Asked",
  message: "spec.paused is true: nothing is changed until it is false",
});

function apiStatus(system: System, objects: Objects): NonNullable<PaymentSystemStatus["api"]> {
  const { wanted, there, ready } = counts("Deployment", nameOf(system, "api"), system.spec.api.replicas.min, objects);
  return { ready: `${ready}/${wanted}`, replicas: there, readyReplicas: ready };
}

function workersStatus(system: System, { objects, depths }: Known["observed"]): NonNullable<PaymentSystemStatus["workers"]> {
  const pools = system.spec.workers.map((pool) => ({
    name: pool.name,
    ...counts("Deployment", nameOf(system, poolPart(pool)), pool.replicas.min, objects),
    queued: queuedIn(depths.filter(({ queue }) => pool.queues.some((one) => one === queue))),
  }));
  const sum = (of: "wanted" | "ready") => pools.reduce((total, pool) => total + pool[of], 0);
  const { queued, oldestSeconds } = queuedIn(depths);
  return {
    ready: `${sum("ready")}/${sum("wanted")}`,
    ...(queued !== undefined && { queued }),
    ...(oldestSeconds !== undefined && { oldest: `${oldestSeconds}s` }),
    pools: pools.map(({ name, wanted, there, ready, queued }) => ({
      name,
      replicas: there,
      readyReplicas: ready,
      desiredReplicas: wanted,
      ...queued,
    })),
  };
}

/** Nothing, while it is not known. */
function queuedIn(depths: readonly QueueDepth[]): { queued?: number; oldestSeconds?: number } {
  if (depths.length === 0 || depths.some(({ unknown }) => unknown !== undefined)) return {};
  const queued = depths.reduce((total, { depth }) => total + depth, 0);
  return { queued, ...(queued > 0 && { oldestSeconds: Math.round(Math.max(...depths.map((one) => one.oldestSeconds))) }) };
}

function postgresStatus(system: System, observed: Observed): NonNullable<PaymentSystemStatus["postgres"]> {
  const shards = shardParts(system).map((_, shard) => shardStatus(shard, system, observed));
  const sum = (of: "readyInstances" | "instances") => shards.reduce((total, shard) => total + shard[of], 0);
  const primaries = shards.flatMap(({ primary }) => primary ?? []);
  return { ready: `${sum("readyInstances")}/${sum("instances")}`, ...(primaries.length > 0 && { primary: primaries.join(",") }), shards };
}

/** `fewest` is what is wanted of one that is not made yet. */
function counts(kind: "Deployment" | "StatefulSet", name: string, fewest: number, objects: Objects) {
  const found = objects.get(kind, name);
  return { wanted: found?.spec?.replicas ?? fewest, there: found?.status?.replicas ?? 0, ready: found?.status?.readyReplicas ?? 0 };
}
