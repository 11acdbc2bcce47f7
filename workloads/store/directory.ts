import type { Placement } from "./placement.ts";
import { StoreUnavailable } from "./store.ts";

/** Finds the shard of a bucket, from memory where it can. Buckets are placed with their first merchant, and stay there. */
export interface Directory {
  /** From memory alone. */
  known(bucket: number): number | undefined;
  /** A bucket that is not known is asked for. Throws `StoreUnavailable` where nobody can tell. */
  shardOf(bucket: number): Promise<number>;
  /** Asks shard 0 whether anything has changed. */
  refresh(): Promise<void>;
  stop(): void;
}

export type DirectoryOptions = {
  /** `undefined`: nothing has changed since that epoch. */
  readonly read: (knownEpoch: number) => Promise<Placement | undefined>;
  /** How many shards this process was given. */
  readonly shards: number;
};

const refreshMs = 10_000;

/** Remembers at most as many buckets as there are. While shard 0 is away, what is remembered holds. */
export function openDirectory({ read, shards }: DirectoryOptions): Directory {
  let placement: Placement = { epoch: -1, shards: new Map() };
  let reading: Promise<void> | undefined;
  const timer = setInterval(() => void refresh().catch(() => {}), refreshMs).unref(); // who needs it will hear what is wrong

  async function reread(): Promise<void> {
    placement = (await read(placement.epoch)) ?? placement;
  }

  function refresh(): Promise<void> {
    reading ??= reread().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  function known(bucket: number): number | undefined {
    const shard = placement.shards.get(bucket);
    return shard !== undefined && shard < shards ? shard : undefined;
  }

  return {
    known,
    async shardOf(bucket) {
      const remembered = known(bucket);
      if (remembered !== undefined) return remembered;
      const mayBeTooOld = reading !== undefined; // it may have begun before the bucket was placed
      await refresh();
      if (mayBeTooOld && known(bucket) === undefined) await refresh();
      const shard = known(bucket);
      if (shard === undefined) throw new StoreUnavailable(`bucket ${bucket} is on none of the ${shards} shards that this process knows`);
      return shard;
    },
    refresh,
    stop: () => clearInterval(timer),
  };
}
