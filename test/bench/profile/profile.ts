import type { Bench, Measured } from "../parts.ts";
import { flame } from "../plot/flame.ts";
import { allSettled, held, load, sweepTables } from "../stage.ts";
import { callsOf, sharesOf } from "./calls.ts";
import { type CpuProfile, sampled } from "./sampled.ts";
import { statements } from "./statements.ts";

/**
 * Where the time of an API process goes while payments are accepted as fast as they come, that of the worker while they are performed, and that
 * of Postgres in the statements of both.
 */
export async function profile({ stage, seconds, say }: Bench): Promise<Measured> {
  const on = await stage();
  const pidOf = (kind: string) => on.processes.find(({ name }) => name.startsWith(kind))!.pid;
  await sweepTables(on.postgresUrl);

  using still = held(on);
  await load(on, `--seconds=${seconds}`, "--prefix=warm");
  say("looking at an API process");
  const api = await sampled(pidOf("api"), () => load(on, `--seconds=${seconds}`));
  say("looking at the worker");
  still[Symbol.dispose](); // who stands still opens no inspector
  const worker = await sampled(pidOf("worker"), () => allSettled(on.postgresUrl, 300_000));

  say("looking at the statements");
  using _ = held(on);
  const { figures, picture } = await statements(on);

  const kinds = Object.entries({ api, worker }) as ["api" | "worker", CpuProfile][];
  const trees = kinds.map(([kind, profile]) => [kind, callsOf(profile)] as const);
  const shares = trees.flatMap(([kind, root]) =>
    Object.entries(sharesOf(root)).map(([owner, share]) => [`% of the ${kind}'s time, ${owner}`, share] as const),
  );
  const pictures = trees.map(([kind, root]) => ({ name: `flame-${kind}`, svg: flame(`where the time of the ${kind} goes`, root) }));
  return { versions: on.version, rounds: [{ ...Object.fromEntries(shares), ...figures }], pictures: [...pictures, picture] };
}
