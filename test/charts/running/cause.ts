/** Something that goes wrong, and who must tell of it. */
export interface Cause {
  readonly alerts: readonly string[];
  /** In words, for the name of the test. */
  readonly what: string;
  /** Labels that the alerts must have: those of the shop, or of the pod, in which it happens. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Produces it, and may go on doing so until all its alerts fire and `fired` is aborted. */
  readonly produce: (fired: AbortSignal) => Promise<unknown>;
  /** Takes it away again. */
  readonly end?: () => Promise<unknown>;
}
