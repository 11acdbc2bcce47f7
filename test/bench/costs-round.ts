import { readdirSync, readFileSync } from "node:fs";
import { Redis } from "ioredis";
import type { Round } from "./figures.ts";
import { allSettled, held, load, logPosition, type Stage, sweepTables } from "./stage.ts";

/** What one whole payment costs: time of a core by process, bytes of write-ahead log, and of Redis while it waits. Linux tells; others do not. */
export async function costsRound(stage: Stage, { seconds }: { readonly seconds: number }): Promise<Round> {
  await sweepTables(stage.postgresUrl);
  const still = held(stage);
  const redis = new Redis(stage.redisUrl);
  try {
    const [cpu, log, memory] = [cpuMicroseconds(stage), await logPosition(stage.postgresUrl), await memoryOf(redis)];
    const { good } = await load(stage, `--seconds=${seconds}`);
    const waiting = (await memoryOf(redis)) - memory;
    still[Symbol.dispose]();
    await allSettled(stage.postgresUrl, 300_000);
    const after = cpuMicroseconds(stage);
    const costs = Object.keys(cpu).map((name) => [`µs of a core for a payment, ${name}`, (after[name]! - cpu[name]!) / good]);
    return {
      ...Object.fromEntries(costs),
      "bytes of write-ahead log for a payment": ((await logPosition(stage.postgresUrl)) - log) / good,
      "bytes of Redis for a payment that waits": waiting / good,
    };
  } finally {
    still[Symbol.dispose]();
    redis.disconnect();
  }
}

const tickMicroseconds = 10_000; // of /proc, on every Linux that Node runs on

/** Time of a core that each kind of process has used, its children included. */
function cpuMicroseconds({ processes }: Stage): Record<string, number> {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(timesOf);
  const used: Record<string, number> = {};
  for (const { name, pid } of processes) {
    const kind = name.replace(/-.*$/, "");
    const own = all.filter((one) => one?.pid === pid || one?.parent === pid).reduce((sum, one) => sum + one!.ticks, 0);
    used[kind] = (used[kind] ?? 0) + own * tickMicroseconds;
  }
  return used;
}

/** `undefined`: it has ended meanwhile. */
function timesOf(pid: string): { pid: number; parent: number; ticks: number } | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
    return { pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
}

const memoryOf = async (redis: Redis): Promise<number> => Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))![1]);
