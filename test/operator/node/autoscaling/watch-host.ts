import { readFileSync } from "node:fs";
import type { Answered } from "./traffic.ts";

/** When the machine's host ran somebody else on our cores: whoever waits for an answer then waits for that. */
export interface HostWatch {
  /** Seconds of a core that were taken between two moments. */
  takenSeconds(from: number, to: number): number;
  /** Whether nothing worth mentioning was taken while this was asked and answered. */
  leftAlone(answered: Answered): boolean;
  end(): void;
}

const lookMs = 100;
const tickSeconds = 0.01; // what /proc/stat counts in
const worthMentioning = 2; // ticks

export function watchHost(): HostWatch {
  const seen = [{ at: performance.now(), ticks: stolenTicks() }];
  const timer = setInterval(() => seen.push({ at: performance.now(), ticks: stolenTicks() }), lookMs).unref();
  /** From the last look before `from` to the first one after `to`. */
  const taken = (from: number, to: number): number => {
    const before = seen.findLast(({ at }) => at <= from) ?? seen[0]!;
    const after = seen.find(({ at }) => at >= to) ?? seen.at(-1)!;
    return after.ticks - before.ticks;
  };
  return {
    takenSeconds: (from, to) => taken(from, to) * tickSeconds,
    leftAlone: ({ at, ms }) => taken(at, at + ms) < worthMentioning,
    end: () => clearInterval(timer),
  };
}

/** Of all cores together, the eighth figure of proc(5)'s first line; 0 on a machine that is nobody's guest. */
const stolenTicks = (): number => Number(readFileSync("/proc/stat", "utf8").split("\n", 1)[0]!.trim().split(/\s+/)[8]);
