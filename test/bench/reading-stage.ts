import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { paymentKey, remember } from "../../workloads/cache/shared-payments.ts";
import { publicId } from "../../workloads/payment/id.ts";
import { openStore } from "../../workloads/store/postgres-store.ts";
import { startStandby } from "../support/standby.ts";
import { type Apis, apiLogin, freePort, startApis } from "./api-processes.ts";
import { type Stage, withClient } from "./stage.ts";

/** An API process that is only read from. */
export type ReadingApi = Pick<Stage, "apiPort" | "secretKey"> & {
  /** How many reads of a payment each tier has answered so far. */
  hits(tier: Tier): Promise<number>;
};
export type Tier = "process" | "redis" | "postgres";

/** A streaming standby, and two API processes beside those that take payments: what they list and report, they read there. */
export type ReadingStage = AsyncDisposable & {
  readonly withRedis: ReadingApi;
  readonly withoutRedis: ReadingApi;
  /** Files of paths, for `load.ts`: settled payments, more than an API process keeps; a few of those; a list; a report. */
  readonly paths: Readonly<Record<"settled" | "few" | "list" | "report", string>>;
  /** Throws when lists or reports were read at the primary after all. */
  insistOnStandby(): Promise<void>;
};

const login = "bench_reader";
const readersName = "satang-api-readers"; // of their connections, which are made when they are first needed
const settledAtMost = 5_000; // an API process keeps 4,000, and those least asked for go first: asked for in turn, none is there again
const fewCount = 100;

/** For a stage with settled payments. */
export async function startReading(stage: Stage): Promise<ReadingStage> {
  const { folder } = stage;
  const asReader = await apiLogin(stage, login);
  await withClient(stage.postgresUrl, (client) => client.query("analyze"));
  const standbyPort = await freePort();
  const standby = await startStandby({ primaryUrl: stage.postgresUrl, port: standbyPort });
  const primaryUrl = asReader(stage.postgresUrl);
  const standbyUrl = Object.assign(new URL(primaryUrl), { port: String(standbyPort) }).href;
  const started: Apis[] = [];

  async function api(redisUrl: string): Promise<ReadingApi> {
    const one = await startApis(stage, 1, { DATABASE_URL: primaryUrl, DATABASE_REPLICA_URLS: standbyUrl, REDIS_URL: redisUrl });
    started.push(one);
    return {
      apiPort: one.apiPort,
      secretKey: stage.secretKey,
      async hits(tier) {
        const hit = new RegExp(`^cache_requests_total\\{tier="${tier}",result="hit"\\} (\\d+)`, "m");
        return Number(hit.exec(await one.metrics())?.[1] ?? 0);
      },
    };
  }

  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  const ids = await settledIds(stage);
  await keepInRedis(stage, ids);
  const settled = ids.map((id) => `/v1/payments/${publicId("payment", stage.payer.bucket, id)}`);
  const paths = {
    settled: await fileOf("settled", settled),
    few: await fileOf("few", settled.slice(0, fewCount)),
    list: await fileOf("list", ["/v1/payments"]),
    report: await fileOf("report", [`/v1/reports/volume?from=${day(-1)}&to=${day(2)}`]),
  };

  async function fileOf(name: string, lines: readonly string[]): Promise<string> {
    const file = join(folder, `${name}.paths`);
    await writeFile(file, lines.join("\n"));
    return file;
  }

  return {
    withRedis: await api(stage.redisUrl),
    withoutRedis: await api(""),
    paths,
    async insistOnStandby() {
      const sql = "select count(*)::int as n from pg_stat_activity where usename = $1 and application_name = $2";
      const { rows } = await withClient(stage.postgresUrl, (client) => client.query<{ n: number }>(sql, [login, readersName]));
      if (rows[0]!.n > 0) throw new Error("lists or reports were read at the primary: the standby has not kept up with it");
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((one) => one[Symbol.asyncDispose]()));
      await standby[Symbol.asyncDispose]();
    },
  };
}

async function settledIds({ postgresUrl, payer }: Stage): Promise<string[]> {
  const sql = "select id from satang.payments where bucket = $1 and merchant_id = $2 and status = 'succeeded' limit $3";
  const values = [payer.bucket, payer.merchantId, settledAtMost];
  const { rows } = await withClient(postgresUrl, (client) => client.query<{ id: string }>(sql, values));
  return rows.map(({ id }) => id);
}

// As an API process that has read them does, but for good: else who comes after ten seconds finds only those read since.
async function keepInRedis({ postgresUrl, redisUrl, payer }: Stage, ids: readonly string[]): Promise<void> {
  const tenant = { ...payer, mode: "test" as const };
  const store = openStore({ url: postgresUrl, connections: 2, applicationName: "satang-bench" });
  const redis = new Redis(redisUrl);
  await Promise.all(
    ids.map(async (id) => {
      await remember(redis, paymentKey(tenant, id), (await store.payment(tenant, id))!);
      await redis.persist(paymentKey(tenant, id));
    }),
  );
  redis.disconnect();
  await store.close();
}
