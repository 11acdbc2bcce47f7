import type { Position } from "./ask-patroni.ts";

/** How a standby follows: what is read from one that is `behind` is older than lists and reports should be. */
export type Following = "closely" | "behind";

/** A standby is behind that has not replayed what was written so long ago, and follows closely again once it has what was written half as long ago. */
export const mostBehindMs = 10_000;

/** What is known of a replica set from one look to the next. */
export interface Seen {
  readonly leader: string;
  /** Where its log stood when it was looked at, oldest first; as far back as is needed. */
  readonly written: readonly { readonly at: number; readonly position: number }[];
  /** Of those that answered, by pod. */
  readonly following: ReadonlyMap<string, Following>;
}

/**
 * What a look at all members tells. Positions are compared with those of the leader some seconds ago: that needs no clock of theirs, and a standby of a
 * database that nobody writes to is not behind. Undefined: nobody leads, or two say so.
 */
export function seenAt(at: number, positions: ReadonlyMap<string, Position>, before: Seen | undefined): Seen | undefined {
  const [led, ...others] = [...positions].flatMap(([pod, said]) => (said.role === "primary" ? [{ pod, position: said.written }] : []));
  if (!led || others.length > 0) return undefined;
  const earlier = before?.leader === led.pod ? before.written : []; // another's log may have gone on from an earlier place
  const written = [...earlier, { at, position: led.position }];
  const positionAgo = (ms: number) => written.findLast((one) => at - one.at >= ms)?.position;
  const long = positionAgo(mostBehindMs);
  const short = positionAgo(mostBehindMs / 2);

  const following = new Map<string, Following>();
  for (const [pod, said] of positions) {
    if (said.role === "primary") continue;
    const known = before?.following.get(pod);
    if (long !== undefined && said.replayed < long) following.set(pod, "behind");
    else if (short !== undefined && said.replayed >= short) following.set(pod, "closely");
    else if (known) following.set(pod, known);
  }
  const firstNeeded = Math.max(
    0,
    written.findLastIndex((one) => at - one.at >= mostBehindMs),
  );
  return { leader: led.pod, written: written.slice(firstNeeded), following };
}
