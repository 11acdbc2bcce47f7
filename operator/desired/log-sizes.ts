import { bytesOf } from "../../crds/field.ts";

/**
 * How much of its log a Postgres writes between two checkpoints, and keeps to write over again, on a volume of this size. A tenth of the volume,
 * within bounds. A page that changes for the first time after a checkpoint is written to the log whole, which with many payments stored is most of it:
 * so the more comes between two, the better, up to what is to be read again after a crash. And a commit that needs a new file
 * waits 10 to 20 ms for it, so a gigabyte of old ones stays; the server's own least is 80 MB.
 */
export function logSizes(volume: string): { max_wal_size: string; min_wal_size: string } {
  const tenth = Math.floor(bytesOf(volume) / 10 / 2 ** 20);
  const within = (least: number, most: number) => `${Math.max(least, Math.min(most, tenth))}MB`;
  return { max_wal_size: within(256, 8192), min_wal_size: within(80, 1024) };
}
