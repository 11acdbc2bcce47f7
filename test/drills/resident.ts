import { readFileSync } from "node:fs";
import type { Victim } from "../workloads/crash/victim.ts";

/** Resident memory of processes, looked at again and again. */
export interface Resident {
  /** Of each by name: the most that it took in MiB, and how fast it grew in MiB a minute, by least squares. */
  stop(): ReadonlyMap<string, { readonly mostMiB: number; readonly growthMiBPerMinute: number }>;
}

export function watchResident(processes: readonly Victim[], everyMs: number): Resident {
  const samples = new Map(processes.map(({ name }) => [name, [] as { minutes: number; mib: number }[]])); // as many as the drill lasts
  const start = performance.now();
  const look = (): void => {
    for (const { name, pid } of processes)
      if (pid !== undefined) samples.get(name)!.push({ minutes: (performance.now() - start) / 60_000, mib: residentMiB(pid) });
  };
  const timer = setInterval(look, everyMs);
  look();
  return {
    stop() {
      clearInterval(timer);
      look();
      const figures = [...samples].map(([name, seen]) => {
        const mostMiB = Math.max(...seen.map(({ mib }) => mib));
        return [name, { mostMiB, growthMiBPerMinute: slope(seen.map(({ minutes, mib }) => [minutes, mib])) }] as const;
      });
      return new Map(figures);
    },
  };
}

/** 57 MiB of it is Node itself, mapped from its file, which all processes of a machine share. */
export function residentMiB(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  if (kib === undefined) throw new Error(`process ${pid} has no resident memory: it ended`);
  return Number(kib) / 1024;
}

function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const across = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / across;
}
