/** How many operations one process has in flight at once. */
export interface Slots {
  free(): number;
  /** Resolves when at least so many are free. */
  whenFree(atLeast: number): Promise<void>;
  /**
   * Waits for a free slot, starts `work` in it, and resolves: the work itself goes on. It must not throw. Where it has become pointless by
   * the time that its turn might come, or at `lookAgain`, it is not started.
   */
  start(work: () => Promise<void>, isPointless?: () => boolean): Promise<void>;
  /** Whoever waits finds out whether that is pointless by now. */
  lookAgain(): void;
  /** Resolves when nothing is in flight. */
  idle(): Promise<void>;
}

export function slots(count: number): Slots {
  let free = count;
  const starting: (() => void)[] = []; // bounded by the jobs that a taker fetches at once
  let watching: { atLeast: number; resolve: () => void }[] = []; // the sweep and the drain

  function release(): void {
    free += 1;
    starting.shift()?.();
    for (const { resolve } of watching.filter(({ atLeast }) => free >= atLeast)) resolve();
    watching = watching.filter(({ atLeast }) => free < atLeast);
  }

  async function whenFree(atLeast: number): Promise<void> {
    while (free < Math.min(atLeast, count)) {
      await new Promise<void>((resolve) => watching.push({ atLeast: Math.min(atLeast, count), resolve }));
    }
  }

  return {
    free: () => free - starting.length,
    whenFree,
    async start(work, isPointless = () => false) {
      while (free === 0) {
        if (isPointless()) return;
        await new Promise<void>((resolve) => starting.push(resolve));
      }
      free -= 1;
      void work().finally(release);
    },
    lookAgain() {
      for (const resolve of starting.splice(0)) resolve();
    },
    idle: () => whenFree(count),
  };
}
