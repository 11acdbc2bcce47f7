/** Which shard holds each bucket that was placed, and how often that has changed. */
export type Placement = { readonly epoch: number; readonly shards: ReadonlyMap<number, number> };

/** No row: the directory is at this epoch still. */
export const readDirectory = {
  name: "read_directory",
  text: `
select epoch,
  (select coalesce(array_agg(bucket::int order by bucket), '{}') from satang.bucket_shards) as buckets,
  (select coalesce(array_agg(shard::int order by bucket), '{}') from satang.bucket_shards) as shards
from satang.directory where only_row and epoch <> $1`,
};

export type DirectoryRow = { epoch: number; buckets: number[]; shards: number[] };

export const placementOf = ({ epoch, buckets, shards }: DirectoryRow): Placement => ({
  epoch,
  shards: new Map(buckets.map((bucket, i) => [bucket, shards[i]!])),
});
