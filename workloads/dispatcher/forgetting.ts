import { type Loop, loop } from "../queue/loop.ts";
import type { Log } from "../telemetry/log.ts";

const pauseMs = 60_000;
const breathMs = 1_000; // between one part and the next: nobody waits for this

/** Forgets what is old, bit by bit. `forgetOld` says how much it forgot, `what` is for the log. */
export function forgetting(what: string, { forgetOld, log }: { forgetOld: () => Promise<number>; log: Log }): Pick<Loop, "stop"> {
  return loop({
    step: async () => ((await forgetOld()) > 0 ? breathMs : pauseMs),
    pauseOnErrorMs: pauseMs,
    onError: (error) => log.warn({ err: error }, `could not forget old ${what}; trying again`),
  });
}
