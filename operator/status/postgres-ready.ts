import type { ShardStatus } from "../../crds/status.ts";
import { nameOf } from "../desired/names.ts";
import { shardPart, shardParts } from "../desired/shards.ts";
import type { Objects } from "../objects.ts";
import type { Observed } from "../observe.ts";
import { type Member, type ReplicaSet, replicaSetIn } from "../postgres/replica-set.ts";
import { runningIn } from "../running.ts";
import type { System } from "../system.ts";
import { type Finding, failing, well, working } from "./finding.ts";
import type { Known } from "./known.ts";
import { firstTrouble } from "./pod-trouble.ts";
import { podsOf } from "./pods-ready.ts";
import { effectOf, primaryOf } from "./postgres-effect.ts";
import { worst } from "./worst.ts";

/** Whether each shard takes writes and has every standby that it should have; if not, the first cause, and what that means for payments. */
export function postgresReady({ system, observed }: Pick<Known, "system" | "observed">): Finding {
  const findings = shardParts(system).map((_, shard) => shardReady(shard, { system, observed }));
  const first = worst(findings);
  if (!first) return well("Ready", findings.map(({ message }) => message).join("; "));
  const others = findings.flatMap((one, shard) => (one === first || one.state === "well" ? [] : [shardPart(shard)]));
  const also = others.length > 0 ? `; nor is all well with ${others.map((part) => nameOf(system, part)).join(", ")}` : "";
  return { ...first, message: `${first.message}${also}` };
}

function shardReady(shard: number, { system, observed: { objects, refusals, at } }: Pick<Known, "system" | "observed">): Finding {
  const part = shardPart(shard);
  const name = nameOf(system, part);
  if (!objects.get("StatefulSet", name)) return working("Waiting", `StatefulSet ${name} is not made yet`);
  const { wanted, ready } = readiness(system, objects, part);
  const set = replicaSetIn(system, objects, part);
  const refusal = refusals.get(`StatefulSet/${name}`);
  const { shards, durability } = system.spec.postgres;
  const effect = effectOf(set, { shard, shards, known: runningIn(system, objects)?.shards ?? shards, durability });
  if (refusal) return failing("FailedCreate", `StatefulSet ${name} cannot make its pods: ${refusal}; ${effect.means}`);
  const lost = lostMember(set, at); // before what its container last died of, which may be long ago
  if (lost) return failing("MemberNotServing", `${lost}; ${effect.means}`);
  const trouble = firstTrouble(podsOf(part, system, objects));
  if (trouble) return { ...trouble, message: `${trouble.message}; ${effect.means}` };
  if (effect.reason) return working(effect.reason, `${ready} of ${wanted} pods of ${name} are ready; ${effect.means}`);
  if (ready < wanted) return working("StandbyMissing", `${missing(set)}; ${effect.means}`);
  if (set.members.some(({ isOutdated }) => isOutdated))
    return working("RollingOut", `pods of ${name} are being brought to the newest version, standbys first`);
  return well("Ready", `${ready} of ${wanted} pods are ready; ${primaryOf(set)} takes writes`);
}

/** What people are told about a shard. */
export function shardStatus(shard: number, system: System, { objects, lag }: Pick<Observed, "objects" | "lag">): ShardStatus {
  const part = shardPart(shard);
  const { wanted, ready } = readiness(system, objects, part);
  const set = replicaSetIn(system, objects, part);
  const primary = primaryOf(set);
  const behind = set.members.filter(({ name, isCaughtUp }) => !isCaughtUp || lag.get(name) === "behind").map(({ name }) => name);
  return {
    shard,
    instances: wanted,
    readyInstances: ready,
    ...(primary && { primary }),
    ...(set.synchronousStandbys.length > 0 && { synchronousStandbys: [...set.synchronousStandbys] }),
    ...(behind.length > 0 && { behind: behind.toSorted() }),
  };
}

/** A member that comes back by itself has done so within this. */
const patienceMs = 90_000;

function lostMember(set: ReplicaSet, at: Date): string | undefined {
  const lost = set.members.find(({ trouble }) => trouble !== undefined && at.getTime() - trouble.since.getTime() > patienceMs);
  if (!lost) return undefined;
  const { name, metadata, trouble } = lost;
  const wayOut = `kubectl delete --wait=false -n ${metadata.namespace} pvc/data-${name} pod/${name}`;
  const said = `pod ${name} runs, and its server is "${trouble!.state}": its log says why`;
  const isSpare = primaryOf(set) !== undefined && !lost.isLeader; // else what is on its volume may be all that there is
  return isSpare ? `${said}; if its volume is spoilt, it is filled anew after ${wayOut}` : said;
}

function missing({ wanted, members }: ReplicaSet): string {
  const late = members.filter(({ isReady }: Member) => !isReady).map(({ name }) => name);
  const absent = wanted - members.length;
  return [
    ...(late.length > 0 ? [`not ready: ${late.toSorted().join(", ")}`] : []),
    ...(absent > 0 ? [`pods not there: ${absent}`] : []),
  ].join("; ");
}

function readiness(system: System, objects: Objects, part: string): { wanted: number; ready: number } {
  const ready = objects.get("StatefulSet", nameOf(system, part))?.status?.readyReplicas ?? 0;
  return { wanted: system.spec.postgres.instances, ready };
}
