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
await pool.query("select count(*) from generate_series(1, $1::int) i, lateral graphile_worker.add_job($2, '{}'::json)", [
  count,
  identifier,
]);

const start = performance.now();
const runner = await run({
  pgPool: pool,
  logger,
  noHandleSignals: true,
  taskList: { [identifier]: async () => {} },
  preset: { worker: { concurrentJobs: 24, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
});
while (await jobsAreLeft()) await new Promise((resolve) => setTimeout(resolve, 10));
process.stdout.write(`${JSON.stringify({ count, perSecond: (count / (performance.now() - start)) * 1000 })}\n`);
await runner.stop();
await pool.end();

async function jobsAreLeft(): Promise<boolean> {
  const { rows } = await pool.query<{ left: boolean }>("select exists (select from graphile_worker._private_jobs) as left");
  return rows[0]!.left;
}
