import type { ReplicaSet } from "../postgres/replica-set.ts";

interface Shard {
  readonly shard: number;
  /** How many there shall be. */
  readonly shards: number;
  /** How many of them the processes know. */
  readonly known: number;
  readonly durability: "required" | "preferred";
}

/** What the state of a shard's replica set means for payments; `reason`: it is not as it should be, in one word. */
export function effectOf(set: ReplicaSet, { shard, shards, known, durability }: Shard): { means: string; reason?: string } {
  const isServing = primaryOf(set) !== undefined;
  const isFollowed = set.wanted === 1 || set.synchronousStandbys.length > 0;
  if (shard >= known) {
    const means = "payments go on on the shards before it, and merchants are placed on it once it is ready";
    return isServing && isFollowed ? { means } : { reason: isServing ? "NoStandby" : "NoPrimary", means };
  }
  const whose = shards === 1 ? "" : ` of a merchant on shard ${shard}`;
  const andWhose = shards > 1 && shard === 0 ? ", nor of one whose key was not used within the last minute," : ""; // it keeps everybody's keys
  if (!isServing) return { reason: "NoPrimary", means: `no payment${whose}${andWhose} is accepted until a member takes writes` };
  if (isFollowed) return { means: "payments are accepted" };
  if (durability === "preferred") return { reason: "NoStandby", means: "payments are accepted by the primary alone, without a standby" };
  return { reason: "NoStandby", means: `no payment${whose} is accepted until a standby follows, for durability is required` };
}

/** The leader, if it serves. */
export const primaryOf = ({ leader, members }: ReplicaSet): string | undefined =>
  members.some(({ name, isReady }) => name === leader && isReady) || members.length === 0 ? leader : undefined;
