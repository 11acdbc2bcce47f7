import type { Machine } from "../workloads/crash/machine.ts";

/** What grows in the stores of a system whose payments end, unless somebody takes it away. */
type Look = {
  /** Rows that nobody sees any more and vacuum has not taken, of all tables. */
  readonly deadRows: number;
  /** Bytes of log since the server was made. */
  readonly logBytes: number;
  /** Of the log that is kept on disk, MiB. */
  readonly logKeptMiB: number;
  readonly redisKeys: number;
  readonly redisMiB: number;
  /** Payments that are stored. */
  readonly payments: number;
};

/** The first half of what was watched beside the second: what does not grow is the same in both. */
export type Halves = Readonly<Record<"first" | "second", Omit<Look, "logBytes" | "payments"> & { readonly logBytesPerPayment: number }>>;

export interface StoresWatch {
  stop(): Promise<Halves>;
}

/** Looks at Postgres and Redis again and again. */
export function watchStores(machine: Pick<Machine, "rows" | "tellRedis">, everyMs: number): StoresWatch {
  const looks: Look[] = [];
  let looking = Promise.resolve();
  const lookNext = (): Promise<void> => {
    looking = looking.then(async () => void looks.push(await look(machine)));
    return looking;
  };
  const timer = setInterval(() => void lookNext().catch(() => {}), everyMs); // the one at the end tells what fails
  lookNext().catch(() => {});
  return {
    async stop() {
      clearInterval(timer);
      await lookNext();
      const middle = Math.floor(looks.length / 2);
      return { first: mostOf(looks.slice(0, middle + 1)), second: mostOf(looks.slice(middle)) };
    },
  };
}

async function look({ rows, tellRedis }: Pick<Machine, "rows" | "tellRedis">): Promise<Look> {
  const [postgres] = await rows<Pick<Look, "deadRows" | "logBytes" | "logKeptMiB" | "payments">>(
    `select (select sum(n_dead_tup)::int from pg_stat_user_tables) as "deadRows",
      (pg_current_wal_lsn() - '0/0')::float8 as "logBytes",
      (select sum(size)::float8 / 1048576 from pg_ls_waldir()) as "logKeptMiB",
      (select count(*)::int from satang.payments) as payments`,
  );
  const [, bytes] = /^used_memory:(\d+)/m.exec(String(await tellRedis("info", "memory"))) ?? [];
  return { ...postgres!, redisKeys: Number(await tellRedis("dbsize")), redisMiB: Number(bytes) / 2 ** 20 };
}

function mostOf(looks: readonly Look[]): Halves["first"] {
  const most = (of: keyof Look) => Math.max(...looks.map((one) => one[of]));
  const [first, last] = [looks[0]!, looks.at(-1)!];
  return {
    deadRows: most("deadRows"),
    logKeptMiB: most("logKeptMiB"),
    redisKeys: most("redisKeys"),
    redisMiB: most("redisMiB"),
    logBytesPerPayment: (last.logBytes - first.logBytes) / Math.max(1, last.payments - first.payments),
  };
}
