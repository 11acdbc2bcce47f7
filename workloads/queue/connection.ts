import { Redis, type RedisOptions } from "ioredis";
import { readSentinelUrl, type SentinelAddress } from "../contract.ts";

/**
 * For who must not wait: commands fail within `commandTimeoutMs`, and at once while there is no connection.
 * It reconnects for ever, with a pause that grows to 2 s.
 */
export const openImpatient = (url: string, commandTimeoutMs: number): Redis =>
  open(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: commandTimeoutMs });

/** For who waits for work: BullMQ's workers want commands to outlive a reconnect. */
export const openPatient = (url: string): Redis => open(url, { maxRetriesPerRequest: null });

type Manner = Pick<RedisOptions, "enableOfflineQueue" | "maxRetriesPerRequest" | "commandTimeout">;

function open(url: string, manner: Manner): Redis {
  const sentinels = readSentinelUrl(url);
  const options = { ...manner, connectTimeout: 2_000, retryStrategy, reconnectOnError };
  return quiet(sentinels ? lasting(new Redis({ ...options, ...replicaSet(sentinels) })) : new Redis(url, options));
}

/** Whoever is master is asked of the Sentinels, and they tell when it is another: a master that is cut off says nothing itself. */
function replicaSet({ sentinels, name, username, password }: SentinelAddress) {
  return {
    sentinels: [...sentinels],
    name,
    ...(username && { username, sentinelUsername: username }),
    ...(password && { password, sentinelPassword: password }),
    failoverDetector: true,
    sentinelRetryStrategy: retryStrategy,
    sentinelReconnectStrategy: retryStrategy, // a minute by default, in which a failover would go unheard
    sentinelCommandTimeout: 2_000,
    disconnectTimeout: 500, // nobody at the other end says goodbye
  } satisfies RedisOptions;
}

const retryStrategy = (times: number): number => Math.min(2_000, 50 * 2 ** Math.min(times, 6));

// A master that was demoted while the connection stayed up: connect anew, by then the name leads to the new one.
const reconnectOnError = (error: Error): boolean => error.message.startsWith("READONLY");

/**
 * Makes a client end when it is told to, and not otherwise. It may hear that there is a new master just while it asks a Sentinel who that is; the library
 * (6.0.0) breaks the asking off, takes that for an end, and never connects again.
 */
function lasting(redis: Redis): Redis {
  const { connect, disconnect, quit, duplicate } = redis;
  let isClosed = false;
  redis.connect = (callback) => {
    isClosed = false;
    return connect.call(redis, callback);
  };
  redis.disconnect = (reconnect = false) => {
    isClosed ||= !reconnect;
    disconnect.call(redis, reconnect);
  };
  redis.quit = (callback) => {
    isClosed = true;
    return quit.call(redis, callback);
  };
  redis.duplicate = ((options?: Partial<RedisOptions>) => lasting(duplicate.call(redis, options))) as Redis["duplicate"]; // BullMQ waits on another
  redis.on("end", () => setTimeout(() => isClosed || redis.connect().catch(() => {}), retryStrategy(1)).unref());
  return redis;
}

// Without a listener each failed reconnect would be printed; what matters of it shows in the queue's own state.
function quiet(redis: Redis): Redis {
  redis.on("error", () => {});
  return redis;
}
