/** The figures of one round, by name: rates a second, or milliseconds. */
export type Round = Readonly<Record<string, number>>;

export type Goal = {
  readonly what: string;
  readonly against: string;
  /** From the figures of one round; a ratio within a round holds when the machine's speed drifts between rounds. */
  readonly ratio: (round: Round) => number;
  readonly atLeast?: number;
  readonly atMost?: number;
};

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

/** Ratios against their goals, then the figures that they were made from: median, and the range over the rounds. */
export function table(rounds: readonly Round[], goals: readonly Goal[]): string {
  const number = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2));
  const range = ({ min, median, max }: Spread): string => `${number(median).padStart(9)}  (${number(min)} to ${number(max)})`;
  const ratios = goals.map((goal) => {
    const found = spread(rounds.map(goal.ratio));
    const bound = goal.atLeast === undefined ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
    return `${isMet(goal, found) ? "met   " : "MISSED"}  ${bound.padEnd(7)} ${range(found).padEnd(34)} ${goal.what}  /  ${goal.against}`;
  });
  const figures = Object.keys(rounds[0]!).map((name) => `${range(spread(rounds.map((round) => round[name]!))).padEnd(40)} ${name}`);
  return [...ratios, "", ...figures].join("\n");
}
