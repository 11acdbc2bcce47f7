/** A moment by both of the machine's clocks: one never jumps but sleeps with the machine, the other never sleeps but jumps. */
export interface Moment {
  steadyMs: number;
  wallMs: number;
}

export const now = (): Moment => ({ steadyMs: performance.now(), wallMs: Date.now() });

/** Whoever holds a right counts what both clocks make the longer time, so that he never believes in it for too long. */
export const atMostSecondsSince = ({ steadyMs, wallMs }: Moment): number =>
  Math.max(performance.now() - steadyMs, Date.now() - wallMs) / 1000;

/** Whoever waits for the right to end counts by the clock that does not jump, so that he never comes too early. */
export const atLeastSecondsSince = ({ steadyMs }: Moment): number => (performance.now() - steadyMs) / 1000;
