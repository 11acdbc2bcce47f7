import { refsPerJob } from "../queue/hint.ts";

/** How much more may be offered, so that Redis holds about two seconds of work: the long queue is in Postgres, where merchants take turns. */
export interface Pace {
  /** How many operations may be offered now, given how many jobs wait in Redis. */
  room(waitingJobs: number): number;
  offered(operations: number): void;
}

const secondsAhead = 2;
const least = 4 * refsPerJob; // so that an idle system answers at once
const most = 1_000; // one statement and one trip to Redis
const halfLifeSeconds = 2;

/** Measures how fast jobs are taken, and never offers more than two seconds of that. `now` in milliseconds. */
export function pace(now: () => number): Pace {
  let jobsPerSecond = 0;
  let last: { at: number; waiting: number } | undefined;
  let added = 0;

  return {
    room(waitingJobs) {
      const at = now();
      if (last) {
        const seconds = Math.max(0.001, (at - last.at) / 1000);
        const taken = Math.max(0, last.waiting + added - waitingJobs) / seconds;
        const weight = 1 - 0.5 ** (seconds / halfLifeSeconds);
        // An empty queue hides how fast workers are: then the rate may only grow.
        jobsPerSecond = waitingJobs === 0 ? Math.max(taken, jobsPerSecond) : jobsPerSecond + weight * (taken - jobsPerSecond);
      }
      last = { at, waiting: waitingJobs };
      added = 0;
      const wanted = Math.max(least, secondsAhead * jobsPerSecond * refsPerJob * (waitingJobs === 0 ? 2 : 1));
      return Math.max(0, Math.min(most, Math.ceil(wanted - waitingJobs * refsPerJob)));
    },
    offered(operations) {
      added += Math.ceil(operations / refsPerJob);
    },
  };
}
