/** The figures of one round, by name: rates a second, or milliseconds. */
export type Round = Readonly<Record<string, number>>;

export type Goal = {
  readonly what: string;
  /** None: a figure that has a goal of its own. */
  readonly against?: string;
  /** From the figures of one round; a ratio within a round holds when the machine's speed drifts between rounds. */
  readonly ratio: (round: Round) => number;
  readonly atLeast?: number;
  readonly atMost?: number;
};

/** What it is a ratio of. */
export const named = ({ what, against }: Goal): string => (against === undefined ? what : `${what} / ${against}`);

export type Spread = { readonly min: number; readonly median: number; readonly max: number };

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { min: sorted[0]!, median, max: sorted.at(-1)! };
}

export function isMet({ atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY }: Goal, { median }: Spread): boolean {
  return median >= atLeast && median <= atMost;
}
