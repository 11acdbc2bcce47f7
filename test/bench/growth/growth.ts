import { atDatabase, createDatabase } from "../../../operator/local/postgres.ts";
import { migrate } from "../../../workloads/store/migrate.ts";
import type { Round } from "../figures.ts";
import { figuresAt, type Panel } from "../panel.ts";
import type { Bench, Measured } from "../parts.ts";
import { held, load, type Stage, sweepTables, withClient } from "../stage.ts";
import { fill } from "./filling.ts";
import { tenants } from "./merchants.ts";
import { type Served, serve } from "./served.ts";
import { pass, storeCosts } from "./store-costs.ts";

const merchants = 1_000; // in each table, however few rows it has
const keptFrom = 1_000_000; // what each round adds is little beside so many: they are not made anew for it
const beforeMeasured = 100_000; // a page that changes for the first time since a checkpoint is written to the log whole: most have been by then
const beforeFew = 10_000; // in an empty database
const flights = [1, 4, 16, 64];
const owners = [1, 10, 100, 1_000];

/** How costs grow: with the payments that are stored, with the merchants they belong to, and with how many come at the same time. */
export async function growth({ stage, inRounds, seconds, rows, say }: Bench): Promise<Measured> {
  const on = await stage();
  using _ = held(on);
  const [empty, full] = [await database(on, "bench_empty"), await database(on, "bench_full")];
  const sizes = powersOfTen(1_000, rows);
  const found = await ofStored();
  await sweepTables(full); // their pages would be written while the rest is measured
  for (const count of owners) {
    const round = async () => figuresAt(count, "merchants", await ofMerchants(empty, count));
    found.push(await inRounds(round, `with ${count} merchants`));
  }
  for (const count of flights) {
    const round = async () => figuresAt(count, "in flight", await overHttp(on, count, seconds));
    found.push(await inRounds(round, `with ${count} in flight`));
  }
  const rounds = found[0]!.map((_, i): Round => Object.assign({}, ...found.map((rounds) => rounds[i]!)));
  return { versions: on.version, rounds, panels: panels(sizes) };

  async function ofStored(): Promise<Round[][]> {
    await using served = await serve(on, [empty, full], merchants);
    const found: Round[][] = [];
    for (const size of sizes) {
      let stored = 0;
      const round = async () => {
        if (stored !== size || size < keptFrom) await refill(full, size);
        stored = size;
        if (size >= keptFrom) await pass(full, merchants, beforeMeasured);
        return figuresAt(size, "payments stored", await besideEmpty({ empty, full, served, seconds }));
      };
      found.push(await inRounds(round, `with ${size.toLocaleString("en")} payments`));
    }
    return found;
  }

  async function refill(url: string, size: number): Promise<void> {
    await sweepTables(url);
    const ids = tenants(merchants).map(({ merchantId }) => merchantId);
    await fill(url, size, ids, (done) => {
      if (size >= keptFrom) say(`${done.toLocaleString("en")} of ${size.toLocaleString("en")} payments stored`);
    });
  }
}

const panels = (sizes: readonly number[]): Panel[] => [
  {
    of: "payments stored",
    at: sizes,
    columns: [
      ...[acceptingServed, acceptingCounting, acceptingRandom, settling, afterCheckpoint],
      ...["ms of a page of a list", "ms to count a queue"],
      ...["bytes of log for an accept, counting key", "bytes of log, random key", "bytes of log, random key, after a checkpoint"],
    ],
    drawn: [acceptingServed, acceptingCounting, acceptingRandom, settling],
    unit: "× of what it costs with none",
    atMost: 1.3,
  },
  { of: "merchants", at: owners, columns: Object.values(rates), drawn: Object.values(rates), unit: "a second" },
  { of: "in flight", at: flights, columns: ["accepts/s over HTTP", "p50 ms", "p99 ms"], drawn: ["p50 ms", "p99 ms"], unit: "ms over HTTP" },
];

const acceptingServed = "an accept over HTTP, random key, × of empty";
const acceptingCounting = "an accept, counting key, × of empty";
const acceptingRandom = "an accept, random key, × of empty";
const settling = "a settle, × of empty";
const afterCheckpoint = "an accept, random key, after a checkpoint, × of empty";
const rates = { accepts: "accepts/s in the store", settles: "taken and settled/s" };

type Beside = { readonly empty: string; readonly full: string; readonly served: Served; readonly seconds: number };

/** One after the other: the machine may be slower by the time that a big table is made. */
async function besideEmpty({ empty, full, served, seconds }: Beside): Promise<Round> {
  await sweepTables(empty);
  await pass(empty, merchants, beforeFew); // a file that has to grow first costs more
  const fewCounting = await storeCosts(empty, merchants, "counting");
  const manyCounting = await storeCosts(full, merchants, "counting");
  const few = await storeCosts(empty, merchants);
  const many = await storeCosts(full, merchants);
  const fewServed = await served.accepts(empty, seconds);
  const manyServed = await served.accepts(full, seconds);
  await withClient(full, (client) => client.query("checkpoint"));
  const first = await storeCosts(full, merchants);
  return {
    [acceptingCounting]: manyCounting.acceptMicroseconds / fewCounting.acceptMicroseconds,
    [acceptingRandom]: many.acceptMicroseconds / few.acceptMicroseconds,
    [acceptingServed]: fewServed / manyServed,
    [settling]: many.settleMicroseconds / few.settleMicroseconds,
    [afterCheckpoint]: first.acceptMicroseconds / few.acceptMicroseconds,
    "ms of a page of a list": many.listMs,
    "ms to count a queue": many.depthMs,
    "bytes of log for an accept, counting key": manyCounting.acceptLogBytes,
    "bytes of log, random key": many.acceptLogBytes,
    "bytes of log, random key, after a checkpoint": first.acceptLogBytes,
  };
}

async function ofMerchants(url: string, count: number): Promise<Round> {
  await sweepTables(url);
  const { acceptMicroseconds, settleMicroseconds } = await storeCosts(url, count);
  return { [rates.accepts]: 1e6 / acceptMicroseconds, [rates.settles]: 1e6 / settleMicroseconds };
}

async function overHttp(stage: Stage, connections: number, seconds: number): Promise<Round> {
  await sweepTables(stage.postgresUrl);
  const { perSecond, p50, p99 } = await load(stage, `--seconds=${seconds}`, `--connections=${connections}`);
  return { "accepts/s over HTTP": perSecond, "p50 ms": p50, "p99 ms": p99 };
}

/** A database of its own beside the system's, as new. */
async function database({ postgresUrl }: Stage, name: string): Promise<string> {
  const url = atDatabase(postgresUrl, name);
  await createDatabase(url);
  await migrate(url);
  return url;
}

function powersOfTen(from: number, to: number): number[] {
  return from > to ? [] : [from, ...powersOfTen(from * 10, to)];
}
