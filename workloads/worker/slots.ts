/** How many operations one process has in flight at once. */
export interface Slots {
  free(): number;
  /** Waits for a free slot, starts `work` in it, and resolves: the work itself goes on. It must not throw. */
  start(work: () => Promise<void>): Promise<void>;
  /** Resolves when nothing is in flight. */
  idle(): Promise<void>;
}

export function slots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = []; // bounded by the jobs that a taker fetches at once
  const idlers: (() => void)[] = [];

  function release(): void {
    free += 1;
    waiting.shift()?.();
    if (free === count) for (const idler of idlers.splice(0)) idler();
  }

  return {
    free: () => free - waiting.length,
    async start(work) {
      while (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      free -= 1;
      void work().finally(release);
    },
    async idle() {
      while (free < count) await new Promise<void>((resolve) => idlers.push(resolve));
    },
  };
}
