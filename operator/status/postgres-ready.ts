import type { ShardStatus } from "../../crds/status.ts";
import { nameOf } from "../desired/names.ts";
import { postgresPart } from "../desired/patroni.ts";
import { type Member, type ReplicaSet, replicaSetIn } from "../postgres/replica-set.ts";
import { type Finding, failing, well, working } from "./finding.ts";
import type { Known } from "./known.ts";
import { firstTrouble } from "./pod-trouble.ts";
import { podsOf } from "./pods-ready.ts";

/** Whether the replica set takes writes and has every standby that it should have; if not, the first cause, and what that means for payments. */
export function postgresReady({ system, observed: { objects, refusals, at } }: Pick<Known, "system" | "observed">): Finding {
  const name = nameOf(system, postgresPart);
  if (!objects.get("StatefulSet", name)) return working("Waiting", `StatefulSet ${name} is not made yet`);
  const { wanted, ready } = readiness(system, objects);
  const set = replicaSetIn(system, objects);
  const refusal = refusals.get(`StatefulSet/${name}`);
  const effect = effectOf(set, system.spec.postgres.durability);
  if (refusal) return failing("FailedCreate", `StatefulSet ${name} cannot make its pods: ${refusal}; ${effect.means}`);
  const lost = lostMember(set, at); // before what its container last died of, which may be long ago
  if (lost) return failing("MemberNotServing", `${lost}; ${effect.means}`);
  const trouble = firstTrouble(podsOf(postgresPart, system, objects));
  if (trouble) return { ...trouble, message: `${trouble.message}; ${effect.means}` };
  if (effect.reason) return working(effect.reason, `${ready} of ${wanted} pods of ${name} are ready; ${effect.means}`);
  if (ready < wanted) return working("StandbyMissing", `${missing(set)}; ${effect.means}`);
  if (set.members.some(({ isOutdated }) => isOutdated))
    return working("RollingOut", `pods of ${name} are being brought to the newest version, standbys first`);
  return well("Ready", `${ready} of ${wanted} pods are ready; ${primaryOf(set)} takes writes`);
}

/** What people are told about the shard. */
export function shardStatus(system: Known["system"], objects: Known["observed"]["objects"]): ShardStatus {
  const { wanted, ready } = readiness(system, objects);
  const set = replicaSetIn(system, objects);
  const primary = primaryOf(set);
  const behind = set.members.filter(({ isCaughtUp }) => !isCaughtUp).map(({ name }) => name);
  return {
    shard: 0,
    instances: wanted,
    readyInstances: ready,
    ...(primary && { primary }),
    ...(set.synchronousStandbys.length > 0 && { synchronousStandbys: [...set.synchronousStandbys] }),
    ...(behind.length > 0 && { behind: behind.toSorted() }),
  };
}

/** The leader, if it serves. */
const primaryOf = ({ leader, members }: ReplicaSet): string | undefined =>
  members.some(({ name, isReady }) => name === leader && isReady) || members.length === 0 ? leader : undefined;

function effectOf(set: ReplicaSet, durability: "required" | "preferred"): { means: string; reason?: string } {
  if (primaryOf(set) === undefined) return { reason: "NoPrimary", means: "no payment is accepted until a member takes writes" };
  if (set.wanted === 1 || set.synchronousStandbys.length > 0) return { means: "payments are accepted" };
  if (durability === "preferred") return { reason: "NoStandby", means: "payments are accepted by the primary alone, without a standby" };
  return { reason: "NoStandby", means: "no payment is accepted until a standby follows, for durability is required" };
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

function readiness(system: Known["system"], objects: Known["observed"]["objects"]): { wanted: number; ready: number } {
  const ready = objects.get("StatefulSet", nameOf(system, postgresPart))?.status?.readyReplicas ?? 0;
  return { wanted: system.spec.postgres.instances, ready };
}
