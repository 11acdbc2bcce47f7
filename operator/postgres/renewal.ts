import type { Member, ReplicaSet } from "./replica-set.ts";

export type Renewal =
  /** The pod is deleted, and made anew as it should be. */
  { readonly do: "renew"; readonly member: Member } | { readonly do: "switchover"; readonly from: Member; readonly to: Member };

/**
 * The next step towards members that are all as they should be: standbys first, then a switchover, the old primary last. None while anything is not as well
 * as it was: never two at a time, and never the next before the last has caught up. A standby that does not serve or follow is renewed before all others, for
 * what it was changed to may be what mends it.
 */
export function nextRenewal(set: ReplicaSet, now: Date): Renewal | undefined {
  const outdated = set.members.filter(({ isOutdated }) => isOutdated).toSorted(lastFirst);
  if (outdated.length === 0 || set.isHandingOver || isUnsettled(set, now)) return undefined;

  const isGoing = ({ metadata }: Member) => metadata.deletionTimestamp !== undefined;
  if (set.members.length < set.wanted || set.members.some(isGoing)) return undefined;
  const broken = outdated.find(({ isReady, isCaughtUp, isLeader }) => !isLeader && !(isReady && isCaughtUp));
  if (broken) return { do: "renew", member: broken };
  if (set.leader === undefined || !set.members.every((member) => isWell(member, set))) return undefined;

  const standby = outdated.find(({ isLeader }) => !isLeader);
  if (standby) return { do: "renew", member: standby };
  const [primary] = outdated;
  const heir = set.members.find(({ isLeader }) => !isLeader);
  return heir ? { do: "switchover", from: primary!, to: heir } : { do: "renew", member: primary! };
}

/**
 * Whether the next may be taken away for all of this one. The primary tells a commit once one of those that it counts on has it: a standby that came back is
 * counted on some seconds later, and until then the others are, so that a primary that took over would wait in vain for one that is being renewed.
 */
const isWell = ({ name, isReady, isCaughtUp, isLeader }: Member, { synchronousStandbys }: ReplicaSet): boolean =>
  isReady && isCaughtUp && (isLeader || synchronousStandbys.includes(name));

/** A new primary accepts nothing before a standby follows it: none may be taken away meanwhile, least of all the primary before it. */
const isUnsettled = ({ synchronousStandbys, leadsSince, wanted }: ReplicaSet, now: Date): boolean =>
  wanted > 1 && synchronousStandbys.length === 0 && leadsSince !== undefined && now.getTime() - leadsSince.getTime() < settlingMs;
const settlingMs = 30_000; // after that, what keeps standbys away may be what is to be changed

const lastFirst = (one: Member, other: Member): number => (one.name < other.name ? 1 : -1);
