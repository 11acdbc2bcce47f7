import type { Round } from "../figures.ts";
import { feed, held, program, type Stage, sweepTables } from "../stage.ts";

const operations = 10_000;
type Finished = { readonly perSecond: number };

/** Measures once how fast what is due is taken and finished: ours with journal and event, and the empty jobs of two queues on the same Postgres. */
export async function queuesRound(stage: Stage): Promise<Round> {
  using _ = held(stage);
  const { postgresUrl: url } = stage;
  await sweepTables(url);
  await feed(stage, `--count=${operations}`, "--due");
  const finish = (file: string) => program<Finished>(`./queues/${file}`, [`--url=${url}`, `--count=${operations}`]);
  return {
    "operations/s taken and finished, with journal and event": (await finish("finisher.ts")).perSecond,
    "empty jobs/s of graphile-worker": (await finish("graphile-worker.ts")).perSecond,
    "empty jobs/s of pg-boss": (await finish("pg-boss.ts")).perSecond,
  };
}
