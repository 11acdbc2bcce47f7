import { openImpatient } from "./connection.ts";
import { type Loop, loop } from "./loop.ts";

export interface WatchMemoryOptions {
  readonly redisUrl: string;
  /** Part of the memory that Redis may use, 1: it refuses what is new; undefined: it has no bound, or does not tell. */
  readonly onTold: (ratio: number | undefined) => void;
  readonly pauseMs?: number;
}

/** Asks Redis, of several its master, again and again how full it is. Stopping also closes its connection. */
export function watchMemory({ redisUrl, onTold, pauseMs = 15_000 }: WatchMemoryOptions): Pick<Loop, "stop"> {
  const redis = openImpatient(redisUrl, 2_000);
  const watching = loop({
    async step() {
      onTold(ratioIn(await redis.info("memory")));
      return pauseMs;
    },
    pauseOnErrorMs: Math.min(pauseMs, 5_000),
    onError: () => onTold(undefined), // the hints say that Redis is away
  });
  return {
    async stop() {
      await watching.stop();
      redis.disconnect();
    },
  };
}

/** Buffers for replicas and for the file do not count: it is not they that are refused. */
function ratioIn(info: string): number | undefined {
  const told = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
  const most = told("maxmemory");
  return most > 0 ? Math.max(0, told("used_memory") - told("mem_not_counted_for_evict")) / most : undefined;
}
