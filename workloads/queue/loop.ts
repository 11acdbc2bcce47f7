export type LoopOptions = {
  /** One look. Returns after how many milliseconds to look again. */
  step: () => Promise<number>;
  /** After a step that threw. */
  pauseOnErrorMs: number;
  onError: (error: unknown) => void;
};

export interface Loop {
  /** When a step last ended, well or badly, by `performance.now()`: who looks at this sees that it still goes round. */
  lastStepAt(): number;
  /** Resolves when the step in hand has ended. */
  stop(): Promise<void>;
}

/** Does a step again and again, never twice at once. */
export function loop({ step, pauseOnErrorMs, onError }: LoopOptions): Loop {
  let stopped = false;
  let lastStep = performance.now();
  let wake = () => {};

  async function go(): Promise<void> {
    while (!stopped) {
      let pauseMs = pauseOnErrorMs;
      try {
        pauseMs = await step();
      } catch (error) {
        onError(error);
      }
      lastStep = performance.now();
      const timer = Promise.withResolvers<void>();
      wake = timer.resolve;
      setTimeout(timer.resolve, stopped ? 0 : pauseMs);
      await timer.promise;
    }
  }

  const going = go();
  return {
    lastStepAt: () => lastStep,
    async stop() {
      stopped = true;
      wake();
      await going;
    },
  };
}
