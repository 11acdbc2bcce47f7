import { nameOf } from "../desired/names.ts";
import { patroniMaps } from "../desired/patroni.ts";
import type { Metadata, ObjectOf } from "../kube/kinds.ts";
import type { Objects } from "../objects.ts";
import type { System } from "../system.ts";

/** A replica set as its members tell of it: who leads stands in a ConfigMap, each member's own report on its pod. */
export interface ReplicaSet {
  readonly wanted: number;
  /** The pod that holds the lock. It may have died since. */
  readonly leader: string | undefined;
  /** When it took the lock. */
  readonly leadsSince: Date | undefined;
  /** Those of which one has each commit before it is told; empty: the leader does not wait for any, or waits for one to come. */
  readonly synchronousStandbys: readonly string[];
  readonly members: readonly Member[];
  /** Whether somebody has asked for a switchover that is not done yet. */
  readonly isHandingOver: boolean;
}

export interface Member {
  readonly name: string;
  readonly metadata: Metadata;
  readonly isLeader: boolean;
  /** Serves, and is not on its way out. */
  readonly isReady: boolean;
  /** What Patroni calls the state of its server, where the pod runs and does not serve; since when. */
  readonly trouble: { readonly state: string; readonly since: Date } | undefined;
  /** Has all but the last moments of what the leader has; the leader itself has. */
  readonly isCaughtUp: boolean;
  /** Made from a template that has changed since, or under settings that it takes only when it starts. */
  readonly isOutdated: boolean;
}

/** A member that is further behind has something to catch up before it may take over, or before the next is taken away. */
const mostBehindBytes = 16 * 1024 * 1024;

export function replicaSetIn(system: Pick<System, "metadata" | "spec">, objects: Objects, part: string): ReplicaSet {
  const maps = patroniMaps(system, part);
  const annotations = (name: string) => objects.get("ConfigMap", name)?.metadata.annotations ?? {};
  const { leader, optime, acquireTime } = annotations(maps.leader);
  const sync = annotations(maps.sync);
  const set = objects.get("StatefulSet", nameOf(system, part));
  const isSeen = set !== undefined && (set.status?.observedGeneration ?? 0) >= (set.metadata.generation ?? 0);
  const configuredAt = Date.parse(annotations(maps.config)[configuredAnnotation] ?? "") || 0;
  const known = { leader, position: Number(optime ?? 0), revision: isSeen ? set.status?.updateRevision : undefined, configuredAt };
  const names = new Set(Array.from({ length: system.spec.postgres.instances }, (_, ordinal) => `${nameOf(system, part)}-${ordinal}`));
  return {
    wanted: system.spec.postgres.instances,
    leader,
    leadsSince: acquireTime === undefined ? undefined : new Date(acquireTime),
    synchronousStandbys: sync.leader === leader ? (sync.sync_standby ?? "").split(",").filter(Boolean) : [],
    members: objects
      .list("Pod")
      .filter(({ metadata }) => names.has(metadata.name))
      .map((pod) => memberOf(pod, known)),
    isHandingOver: annotations(maps.failover).leader !== undefined,
  };
}

/** When the settings were last changed by us: a member that was started before may have to start anew to take them. */
export const configuredAnnotation = "satang.dev/configured-at";

interface Around {
  readonly leader: string | undefined;
  readonly position: number;
  readonly revision: string | undefined;
  readonly configuredAt: number;
}

function memberOf({ metadata, status }: ObjectOf<"Pod">, { leader, position, revision, configuredAt }: Around): Member {
  const { name, labels = {} } = metadata;
  const report = reportOf(metadata);
  const runs = status?.containerStatuses?.every(({ state }) => state?.running !== undefined) ?? false;
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  const isLeader = name === leader;
  const isRunning = report.state === "running";
  const follows = report.replication_state === "streaming" && (report.xlog_location ?? 0) >= position - mostBehindBytes;
  const startedBefore = Date.parse(metadata.creationTimestamp ?? "") < configuredAt;
  return {
    name,
    metadata,
    isLeader,
    isReady: metadata.deletionTimestamp === undefined && ready?.status === "True",
    trouble:
      runs && ready?.status === "False" ? { state: report.state ?? "unknown", since: new Date(ready.lastTransitionTime ?? 0) } : undefined,
    isCaughtUp: isRunning && (isLeader || follows),
    isOutdated:
      (revision !== undefined && labels["controller-revision-hash"] !== revision) || (report.pending_restart === true && startedBefore),
  };
}

/** What Patroni writes about its own server. Only what is read here. */
interface Report {
  readonly state?: string;
  readonly replication_state?: string;
  readonly xlog_location?: number;
  readonly pending_restart?: boolean;
}

function reportOf({ annotations }: Metadata): Report {
  try {
    return JSON.parse(annotations?.status ?? "{}") as Report;
  } catch {
    return {}; // nobody's business but Patroni's: the next one is whole again
  }
}
