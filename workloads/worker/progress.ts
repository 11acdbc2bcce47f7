import type { Slots } from "./slots.ts";

/** What a worker that runs and does nothing would fail: a process that is up proves nothing. */
export interface Progress {
  /** An operation was finished, well or badly. */
  finished(): void;
  /** `undefined` while work goes on or there is none; else what stands still. */
  standstill(): string | undefined;
}

type Sources = {
  slots: Pick<Slots, "free">;
  /** When it last came round to look for what is due, by `performance.now()`. */
  lastLookAt: () => number;
  /** Longer than any one operation may take. */
  patienceSeconds: number;
};

export function progress({ slots, lastLookAt, patienceSeconds }: Sources): Progress {
  let lastFinished = performance.now();
  const tooLong = (at: number): boolean => performance.now() - at > patienceSeconds * 1000;
  return {
    finished() {
      lastFinished = performance.now();
    },
    standstill() {
      if (slots.free() <= 0 && tooLong(lastFinished)) return `all slots are taken and no operation was finished in ${patienceSeconds} s`;
      if (slots.free() > 0 && tooLong(lastLookAt())) return `nobody looked for what is due in ${patienceSeconds} s`;
      return undefined;
    },
  };
}
