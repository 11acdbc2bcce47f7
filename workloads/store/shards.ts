import { openDirectory } from "./directory.ts";
import { openStore, type StoreOptions } from "./postgres-store.ts";
import type { Store } from "./store.ts";

/** The stores of all shards, by number, and which of them holds a bucket. */
export interface Shards {
  readonly all: readonly [Store, ...Store[]];
  /** The shard of a bucket, as far as that is remembered. */
  known(bucket: number): number | undefined;
  /** Throws `StoreUnavailable` where nobody can tell. */
  shardOf(bucket: number): Promise<number>;
  /** Resolves when merchants and the directory can be asked, which shard 0 has. */
  reachable(): Promise<void>;
  /** Resolves when any shard answers: there is something to do then. */
  anyReachable(): Promise<void>;
  close(): Promise<void>;
}

export type ShardsOptions = Omit<StoreOptions, "url" | "shard"> & {
  /** Of shard 0, and of the others in their order. */
  urls: readonly [string, ...string[]];
};

/** One shard needs no directory, and nobody asks it for one. */
export function openShards({ urls, ...options }: ShardsOptions): Shards {
  const several = urls.length > 1;
  const open = (url: string, number: number) => openStore({ ...options, url, ...(several && { shard: { number, of: urls.length } }) });
  const [first, ...others] = urls;
  const all: readonly [Store, ...Store[]] = [open(first, 0), ...others.map((url, i) => open(url, i + 1))];
  const closeAll = async () => void (await Promise.all(all.map((store) => store.close())));
  if (!several) return { all, known: () => 0, shardOf: async () => 0, reachable: all[0].ping, anyReachable: all[0].ping, close: closeAll };

  const directory = openDirectory({ read: all[0].placement, shards: urls.length });
  return {
    all,
    known: directory.known,
    shardOf: directory.shardOf,
    reachable: directory.refresh,
    async anyReachable() {
      await Promise.any(all.map((store) => store.ping())).catch(({ errors }: AggregateError) => Promise.reject(errors[0]));
    },
    async close() {
      directory.stop();
      await closeAll();
    },
  };
}
