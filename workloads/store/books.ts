import type { OperationRef } from "../payment/operation.ts";

/** What is wrong with one operation's part of the books, and by how many minor units. */
export type BookFault = OperationRef & { readonly fault: string; readonly offBy: number };

/** The state of the check: how much is off over all that was found and not put right since; what this look found first. */
export type Checked = {
  readonly offBy: number;
  readonly found: readonly BookFault[] /** More is there to be looked at. */;
  readonly more: boolean;
};

/**
 * The books of all merchants, as their keeper sees them. Each step is one transaction of bounded work, may die on any line, may be done by
 * several at once, and doing it again changes nothing.
 */
export interface Books {
  /** Finds how far nothing more can be posted, and moves the closing time up to there. */
  close(): Promise<void>;
  /** Makes checkpoints of what is closed, once that is worth it. True: there is more to fold. */
  fold(): Promise<boolean>;
  /** Checks what was closed since the last time, a part of all that is old, and what was found wrong before. */
  check(): Promise<Checked>;
  end(): Promise<void>;
}
