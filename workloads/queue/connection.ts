import { Redis } from "ioredis";

/**
 * For who must not wait: commands fail within `commandTimeoutMs`, and at once while there is no connection.
 * It reconnects for ever, with a pause that grows to 2 s.
 */
export function openImpatient(url: string, commandTimeoutMs: number): Redis {
  return quiet(
    new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: commandTimeoutMs,
      connectTimeout: 2_000,
      retryStrategy,
    }),
  );
}

/** For who waits for work: BullMQ's workers want commands to outlive a reconnect. */
export function openPatient(url: string): Redis {
  return quiet(new Redis(url, { maxRetriesPerRequest: null, connectTimeout: 2_000, retryStrategy, reconnectOnError }));
}

const retryStrategy = (times: number): number => Math.min(2_000, 50 * 2 ** Math.min(times, 6));

// A master that was demoted while the connection stayed up: connect anew, by then the name leads to the new one.
const reconnectOnError = (error: Error): boolean => error.message.startsWith("READONLY");

// Without a listener each failed reconnect would be printed; what matters of it shows in the queue's own state.
function quiet(redis: Redis): Redis {
  redis.on("error", () => {});
  return redis;
}
