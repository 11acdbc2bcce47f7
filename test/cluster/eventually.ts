import { setTimeout as sleep } from "node:timers/promises";

export interface Patience {
  withinSeconds?: number;
  everyMs?: number;
  /** Says why there is no point in waiting on, as an error to throw at once. */
  hopeless?: () => Error | undefined;
}

/** Tries `check` until it returns without throwing, and returns its value; after `withinSeconds` throws what it threw last. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { withinSeconds = 60, everyMs = 200, hopeless }: Patience = {},
): Promise<T> {
  const deadline = performance.now() + withinSeconds * 1000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    const reason = hopeless?.();
    if (reason) throw reason;
    await sleep(everyMs);
  }
}
