import { parseArgs } from "node:util";
import { Logger, run, runMigrations } from "graphile-worker";
import pg from "pg";

// graphile-worker takes and finishes empty jobs, with its own batching on; prints one line of JSON.
const { values } = parseArgs({ options: { url: { type: "string" }, count: { type: "string" } } });
const count = Number(values.count);
const pool = new pg.Pool({ connectionString: values.url, max: 10 });
const logger = new Logger(() => () => {});
await runMigrations({ pgPool: pool, logger });
const identifier = "empty";
// Of the series' own number, or Postgres would see that each call is the same, and make one job.
await pool.query("select count(*) from generate_series(1, $1::int) i, lateral graphile_worker.add_job($2, json_build_object('job', i))", [
  count,
  identifier,
]);

let done = 0;
const countOne = async (): Promise<void> => {
  done += 1;
};
const start = performance.now();
const runner = await run({
  pgPool: pool,
  logger,
  noHandleSignals: true,
  taskList: { [identifier]: countOne },
  preset: { worker: { concurrentJobs: 24, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
});
while (await jobsAreLeft()) await new Promise((resolve) => setTimeout(resolve, 10));
if (done !== count) throw new Error(`${done} of ${count} jobs were done`);
process.stdout.write(`${JSON.stringify({ count, perSecond: (count / (performance.now() - start)) * 1000 })}\n`);
await runner.stop();
await pool.end();

async function jobsAreLeft(): Promise<boolean> {
  const { rows } = await pool.query<{ left: boolean }>("select exists (select from graphile_worker._private_jobs) as left");
  return rows[0]!.left;
}
