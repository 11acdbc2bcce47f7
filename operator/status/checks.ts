import type { ConditionType } from "../../crds/status.ts";
import { nameOf } from "../desired/names.ts";
import { poolPart } from "../desired/worker-pool.ts";
import { autoscalingActive } from "./autoscaling-active.ts";
import { type Finding, failing, stuck, well } from "./finding.ts";
import { foreignCertificate } from "./foreign-certificate.ts";
import type { Known } from "./known.ts";
import { ledgerBalanced } from "./ledger-balanced.ts";
import { migrationsApplied } from "./migrations-applied.ts";
import { deploymentReady, statefulSetReady } from "./pods-ready.ts";
import { postgresReady } from "./postgres-ready.ts";
import { redisReady } from "./redis-ready.ts";
import { volumesGrown } from "./volumes-grown.ts";
import { worst } from "./worst.ts";

type Check = (known: Known) => Finding;

/** Each condition that is always told, and what finds it out. */
export const checks = {
  DatabaseReady: databaseReady,
  RedisReady: redisReady,
  MigrationsApplied: migrationsApplied,
  APIReady: ({ system, observed }) => deploymentReady("api", system, observed.objects, system.spec.api.replicas.min),
  WorkersReady: workersReady,
  AutoscalingActive: autoscalingActive,
  LedgerBalanced: ledgerBalanced,
} as const satisfies Partial<Record<ConditionType, Check>>;

/** The order in which one thing is the cause of the next: of several that are wrong, the first is told. */
export const causes: readonly Check[] = [
  applied,
  ...["DatabaseReady", "MigrationsApplied", "APIReady", "WorkersReady", "RedisReady"].map(named),
  volumesGrown,
];

export function databaseReady({ system, observed }: Pick<Known, "system" | "observed">): Finding {
  if ("state" in observed.externals) return observed.externals;
  if (system.spec.postgres.backend === "external") return well("External", "the Secret names a database, which somebody else runs");
  const members = postgresReady({ system, observed });
  const certificate = foreignCertificate({ system, observed }); // one that is wrong is the cause of whatever its members are
  if (!certificate || (certificate.state === "well" && members.state !== "well")) return members;
  return { ...certificate, message: `${certificate.message}; ${members.message}` };
}

/** Of all pools, and of the dispatcher and the simulator, without which they have nothing to do. */
function workersReady({ system, observed: { objects, refusals } }: Known): Finding {
  const pools = system.spec.workers.map((pool) => deploymentReady(poolPart(pool), system, objects, pool.replicas.min));
  const simulators = system.spec.providers.some(({ kind }) => kind === "simulator")
    ? [statefulSetReady("simulator", system, objects, refusals.get(`StatefulSet/${nameOf(system, "simulator")}`))]
    : [];
  const all = [...pools, deploymentReady("dispatcher", system, objects), ...simulators];
  return worst(all) ?? well("Ready", "every pool has the pods that it should have");
}

/** What the API server refused to take. */
function applied({ applied: { failures } }: Known): Finding {
  const [first] = failures.toSorted((one, other) => Number(other.isFinal) - Number(one.isFinal));
  if (!first) return well("Applied", "every object is as it should be");
  const message = `${first.object} is not as it should be: ${first.message}`;
  return first.isFinal || ["NameTaken", "VolumeCannotGrow"].includes(first.reason)
    ? stuck(first.reason, message)
    : failing("ApplyFailed", message);
}

function named(type: string): Check {
  return checks[type as keyof typeof checks];
}
