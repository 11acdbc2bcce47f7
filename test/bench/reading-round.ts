import type { Round } from "./figures.ts";
import type { ReadingApi, ReadingStage, Tier } from "./reading-stage.ts";
import { held, load, type Stage } from "./stage.ts";

// As dashboards ask: steadily, whatever else goes on.
const lists = ["--rate=40", "--connections=4", "--expect=200"];
const reports = ["--rate=4", "--connections=2", "--expect=200"];

/**
 * Measures reads once: a settled payment by where it is read from, then lists and reports at the standby while the primary is at rest, and
 * while it takes as many payments as it can.
 */
export async function readingRound(stage: Stage, reading: ReadingStage, { seconds }: { readonly seconds: number }): Promise<Round> {
  const { withRedis, withoutRedis, paths } = reading;
  using _ = held(stage);

  const short = [`--seconds=${seconds / 2}`, "--expect=200"]; // each is thousands of reads
  const fromPostgres = await answeredBy("postgres", withoutRedis, `--get=${paths.settled}`, ...short);
  const fromRedis = await answeredBy("redis", withRedis, `--get=${paths.settled}`, ...short);
  const fromProcess = await answeredBy("process", withRedis, `--get=${paths.few}`, ...short);

  const during = `--seconds=${seconds}`;
  const dashboards = () =>
    Promise.all([
      load(withoutRedis, `--get=${paths.list}`, ...lists, during),
      load(withoutRedis, `--get=${paths.report}`, ...reports, during),
    ]);
  const [calmLists, calmReports] = await dashboards();
  const burst = await load(stage, during);
  const [[burstLists, burstReports], besides] = await Promise.all([dashboards(), load(stage, during)]);
  await reading.insistOnStandby();

  return {
    "reads/s of a settled payment from Postgres": fromPostgres,
    "reads/s of a settled payment from Redis": fromRedis,
    "reads/s of a settled payment from the process": fromProcess,
    "p50 ms of a list at the standby": calmLists.p50,
    "p50 ms of a list at the standby in a burst": burstLists.p50,
    "p99 ms of a list at the standby": calmLists.p99,
    "p99 ms of a list at the standby in a burst": burstLists.p99,
    "p50 ms of a report at the standby": calmReports.p50,
    "p50 ms of a report at the standby in a burst": burstReports.p50,
    "p99 ms of a report at the standby": calmReports.p99,
    "p99 ms of a report at the standby in a burst": burstReports.p99,
    "accepts/s in a burst": burst.perSecond,
    "accepts/s in a burst, lists and reports besides": besides.perSecond,
  };
}

/** Reads a second that a tier has answered: one that Redis was too slow for, and Postgres answered, is none of Redis'. */
async function answeredBy(tier: Tier, api: ReadingApi, ...args: readonly string[]): Promise<number> {
  const before = await api.hits(tier);
  const { good, perSecond } = await load(api, ...args);
  return (perSecond * ((await api.hits(tier)) - before)) / good;
}
