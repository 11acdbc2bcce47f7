import type { Round } from "./figures.ts";

/** Figures that are measured at several numbers of something: a table of their own, and a picture. */
export type Panel = {
  /** Of what there is more and more: `payments stored`. */
  readonly of: string;
  readonly at: readonly number[];
  readonly columns: readonly string[];
  /** Those of the columns that are drawn, all of one unit. None: it is a table only. */
  readonly drawn: readonly string[];
  readonly unit: string;
  /** What the drawn ones may be at most. */
  readonly atMost?: number;
};

/** By which name a round holds such a figure. */
export const figureAt = (column: string, n: number, of: string): string => `${column}, ${n.toLocaleString("en")} ${of}`;

/** A column's figures at one number, as part of a round. */
export function figuresAt(n: number, of: string, figures: Round): Round {
  return Object.fromEntries(Object.entries(figures).map(([column, value]) => [figureAt(column, n, of), value]));
}

/** The names of all figures of a panel. */
export const namesIn = ({ of, at, columns }: Panel): string[] => at.flatMap((n) => columns.map((column) => figureAt(column, n, of)));
