import { isDeepStrictEqual } from "node:util";
import type { V1OwnerReference } from "@kubernetes/client-node";
import { ownerOf } from "../desired/names.ts";
import { memberLabels, patroniMaps, patroniSettings, roleLabel } from "../desired/patroni.ts";
import { shardParts } from "../desired/shards.ts";
import type { Metadata } from "../kube/kinds.ts";
import type { Objects } from "../objects.ts";
import type { Observed } from "../observe.ts";
import type { System } from "../system.ts";
import { wrongFollowers } from "./followers.ts";
import type { Following } from "./lag.ts";
import { nextRenewal, type Renewal } from "./renewal.ts";
import { type ReplicaSet, replicaSetIn } from "./replica-set.ts";

/** What the operator does to a replica set that runs. It never elects: who leads is read from Patroni's ConfigMap, and a switchover is asked of Patroni. */
export type Move =
  /** The pod says that it is the primary, and does not hold the lock: clients must not be led to it. */
  | { readonly kind: "unlabel"; readonly pod: Metadata; readonly leaderMap: string }
  /** Lists and reports are to be led to it, or not any more. */
  | { readonly kind: "follow"; readonly pod: Metadata; readonly follows: Following }
  | { readonly kind: "configure"; readonly map: Metadata; readonly settings: object }
  | { readonly kind: "renew"; readonly pod: Metadata }
  | {
      readonly kind: "switchover";
      readonly map: string;
      readonly from: Metadata;
      readonly to: string;
      readonly labels: Record<string, string>;
    }
  /** What Patroni has made goes with the system, where that says so. */
  | { readonly kind: "own"; readonly map: Metadata; readonly owner: V1OwnerReference };

/** What is to be done now, of each shard by itself; nothing, where all is as it should be. */
export const moves = (system: System, { objects, lag, at }: Pick<Observed, "objects" | "lag" | "at">): Move[] =>
  shardParts(system).flatMap((part) => {
    const set = replicaSetIn(system, objects, part);
    const shard: Shard = { system, part, objects };
    return [
      ...strays(shard, set),
      ...wrongFollowers(set, lag).map((wrong): Move => ({ kind: "follow", ...wrong })),
      ...settings(shard),
      ...renewal(shard, nextRenewal(set, at)),
      ...ownership(shard),
    ];
  });

interface Shard {
  readonly system: System;
  readonly part: string;
  readonly objects: Objects;
}

function strays({ system, part }: Shard, { leader, members }: ReplicaSet): Move[] {
  if (leader === undefined) return [];
  const leaderMap = patroniMaps(system, part).leader;
  return members
    .filter(({ isLeader, metadata }) => !isLeader && metadata.labels?.[roleLabel] === "primary")
    .map(({ metadata }) => ({ kind: "unlabel", pod: metadata, leaderMap }));
}

/** Members take them from there within `loop_wait`. Before there is a leader, Patroni has put there what it started from. */
function settings({ system, part, objects }: Shard): Move[] {
  const map = objects.get("ConfigMap", patroniMaps(system, part).config)?.metadata;
  const written = map?.annotations?.config;
  const wanted = patroniSettings(system);
  if (!map || written === undefined || isDeepStrictEqual(parsed(written), wanted)) return [];
  return [{ kind: "configure", map, settings: wanted }];
}

function renewal({ system, part }: Shard, next: Renewal | undefined): Move[] {
  if (!next) return [];
  if (next.do === "renew") return [{ kind: "renew", pod: next.member.metadata }];
  const map = patroniMaps(system, part).failover;
  return [{ kind: "switchover", map, from: next.from.metadata, to: next.to.name, labels: memberLabels(system, part) }];
}

/** A system that takes its volumes with it must leave no word of what was on them, or one of its name would wait for them. */
function ownership({ system, part, objects }: Shard): Move[] {
  if (system.spec.deletionPolicy !== "Delete") return [];
  return Object.values(patroniMaps(system, part))
    .map((name) => objects.get("ConfigMap", name)?.metadata)
    .filter((map) => map !== undefined)
    .filter(({ ownerReferences = [] }) => !ownerReferences.some(({ uid }) => uid === system.metadata.uid))
    .map((map) => ({ kind: "own", map, owner: ownerOf(system) }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // somebody wrote it by hand: it is written anew
  }
}
