import { readdirSync, readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { logPosition, type Stage, withClient } from "./stage.ts";

/** What a system has taken so far: time of a core by kind of process, and by what loads it; bytes. Linux tells; others do not. */
export type Used = {
  readonly microseconds: Readonly<Record<string, number>>;
  readonly log: number;
  readonly disk: number;
  readonly redis: number;
};

export async function usedBy(stage: Pick<Stage, "processes" | "postgresUrl" | "redisUrl">): Promise<Used> {
  const sql = "select pg_database_size(current_database())::float8 as bytes";
  const { rows } = await withClient(stage.postgresUrl, (client) => client.query<{ bytes: number }>(sql));
  const redis = new Redis(stage.redisUrl);
  try {
    const [, memory] = /^used_memory:(\d+)/m.exec(await redis.info("memory"))!;
    return { microseconds: microseconds(stage), log: await logPosition(stage.postgresUrl), disk: rows[0]!.bytes, redis: Number(memory) };
  } finally {
    redis.disconnect();
  }
}

/** What was taken between two looks, as so much for each of `count`. */
export function forEach(count: number, before: Used, after: Used): Used {
  const kinds = Object.keys(before.microseconds);
  return {
    microseconds: Object.fromEntries(kinds.map((kind) => [kind, (after.microseconds[kind]! - before.microseconds[kind]!) / count])),
    log: (after.log - before.log) / count,
    disk: (after.disk - before.disk) / count,
    redis: (after.redis - before.redis) / count,
  };
}

/** Those of our children that have ended: load generators. */
export const generator = "load generator";
const tickMicroseconds = 10_000; // of /proc, on every Linux that Node runs on

/** Of each kind of process, its children included. */
function microseconds({ processes }: Pick<Stage, "processes">): Record<string, number> {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(timesOf);
  const used: Record<string, number> = {};
  for (const { name, pid } of processes) {
    const kind = name.replace(/-.*$/, "");
    const family = all.filter((one) => one?.pid === pid || one?.parent === pid);
    const ended = all.find((one) => one?.pid === pid)?.ticksOfEnded ?? 0; // sessions of Postgres that were closed meanwhile
    const own = family.reduce((sum, one) => sum + one!.ticks, ended);
    used[kind] = (used[kind] ?? 0) + own * tickMicroseconds;
  }
  used[generator] = timesOf(String(process.pid))!.ticksOfEnded * tickMicroseconds;
  return used;
}

/** `undefined`: it has ended meanwhile. */
function timesOf(pid: string): { pid: number; parent: number; ticks: number; ticksOfEnded: number } | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ").map(Number);
    return { pid: Number(pid), parent: fields[1]!, ticks: fields[11]! + fields[12]!, ticksOfEnded: fields[13]! + fields[14]! };
  } catch {
    return undefined;
  }
}
