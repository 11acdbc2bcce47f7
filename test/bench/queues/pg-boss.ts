import { parseArgs } from "node:util";
import pg from "pg";
import { PgBoss } from "pg-boss";

// pg-boss takes and finishes empty jobs, in batches and without a pause between them; prints one line of JSON.
const { values } = parseArgs({ options: { url: { type: "string" }, count: { type: "string" } } });
const count = Number(values.count);
const queue = "empty";
const pool = new pg.Pool({ connectionString: values.url!, max: 1 });
const boss = new PgBoss({ connectionString: values.url!, schema: "bench_boss", max: 10, supervise: false, schedule: false });
boss.on("error", (error) => process.stderr.write(`${error}\n`));
await boss.start();
await boss.createQueue(queue);
for (let sent = 0; sent < count; sent += 1_000)
  await boss.insert(
    queue,
    Array.from({ length: Math.min(1_000, count - sent) }, () => ({})),
  );

const start = performance.now();
let taken = 0;
const all = Promise.withResolvers<void>();
await boss.work(queue, { batchSize: 500, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5, localConcurrency: 4 }, async (jobs) => {
  taken += jobs.length;
  if (taken >= count) all.resolve();
});
await all.promise;
while (await areActive()) await new Promise((resolve) => setTimeout(resolve, 5));
process.stdout.write(`${JSON.stringify({ count, perSecond: (count / (performance.now() - start)) * 1000 })}\n`);
await boss.stop();
await pool.end();

/** What was handed out is finished a moment after the work on it returns. */
async function areActive(): Promise<boolean> {
  const { rows } = await pool.query<{ active: boolean }>("select exists (select from bench_boss.job where state = 'active') as active");
  return rows[0]!.active;
}
