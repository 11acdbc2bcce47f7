import { followsLabel } from "../desired/patroni.ts";
import type { Metadata } from "../kube/kinds.ts";
import type { Following } from "./lag.ts";
import type { ReplicaSet } from "./replica-set.ts";

/**
 * Members whose pods say otherwise than they should how they follow: to those that say `closely` lists and reports are led. One of which nothing is known
 * stays as it is, and all say `closely` when none that serves would be left: the API asks each how old it is, and what else reads there is better served
 * late than not at all.
 */
export function wrongFollowers(set: ReplicaSet, lag: ReadonlyMap<string, Following>): { pod: Metadata; follows: Following }[] {
  const members = set.members.map(({ name, metadata, isLeader, isReady }) => {
    const says = metadata.labels?.[followsLabel];
    const follows: Following = isLeader ? "closely" : (lag.get(name) ?? (says === "behind" ? says : "closely"));
    return { pod: metadata, says, follows, serves: isReady && !isLeader };
  });
  const isNoneLeft = !members.some(({ serves, follows }) => serves && follows === "closely");
  return members
    .map(({ pod, says, follows }) => ({ pod, says, follows: isNoneLeft ? ("closely" as const) : follows }))
    .filter(({ says, follows }) => says !== follows)
    .map(({ pod, follows }) => ({ pod, follows }));
}
