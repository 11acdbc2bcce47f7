/**
 * The right to act, for as long as it holds. Whoever acts under it asks before each effect, and stops when the signal comes:
 * a process that was stopped and woken again may find that its right has run out before any timer could tell it.
 */
export interface Fence {
  /** Aborted when the right is lost, at the latest. */
  readonly signal: AbortSignal;
  /** Whether the right holds at this moment, by the clock. */
  holds(): boolean;
}
