import type { Readers } from "./readers.ts";
import type { Shards } from "./shards.ts";

/** The readers of all shards as one: what is read is one merchant's, so it is read at the shard that holds him. */
export function merchantReaders(all: readonly Readers[], shards: Pick<Shards, "shardOf">): Readers {
  const of = async (bucket: number): Promise<Readers> => all[await shards.shardOf(bucket)]!;
  return {
    read: async (wish, use) => (await of(wish.tenant.bucket)).read(wish, use),
    open: async (wish) => (await of(wish.tenant.bucket)).open(wish),
    async close() {
      await Promise.all(all.map((readers) => readers.close()));
    },
  };
}
