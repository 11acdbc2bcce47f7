import { Redis } from "ioredis";
import type { Cause } from "../cause.ts";
import type { SteadyShop } from "../steady-shop.ts";

const bound = 64 * 2 ** 20;
const piece = "x".repeat(2 ** 17);

/** A Redis that somebody else fills, first to four fifths, then nearly. */
export function redisCauses({ name, system }: SteadyShop): Cause[] {
  const filledBySomebody = async (ratio: number) => {
    const redis = new Redis(system.redisUrl!, { maxRetriesPerRequest: 1 });
    try {
      await redis.config("SET", "maxmemory", String(bound));
      const used = async () => Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))![1]);
      while ((await used()) < ratio * bound) await redis.rpush("theirs", piece);
    } finally {
      redis.disconnect();
    }
  };
  const labels = { system: name };
  return [
    { alerts: ["SatangRedisFills"], what: "a Redis that somebody else fills", labels, produce: () => filledBySomebody(0.78) },
    { alerts: ["SatangRedisFull"], what: "a Redis that is filled on", labels, produce: () => filledBySomebody(0.92) },
  ];
}
