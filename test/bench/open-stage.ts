import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ReadyLine } from "../../operator/local/card.ts";
import { helpers, type Payer } from "./scripts.ts";
import { type Stage, withClient } from "./stage.ts";

// Nobody's own traffic is to be held back here: no rate for one merchant, and no limit to what waits while nobody works. And Postgres has as much
// log between two checkpoints as on a volume that holds ten million payments.
const resource = `apiVersion: satang.dev/v1alpha1
kind: PaymentSystem
metadata: {name: bench}
spec:
  api: {admission: {requestsPerSecondPerMerchant: 100000, maxWaitSeconds: 3600}}
  workers: [{name: payments, queues: [payments, refunds, webhooks], concurrency: 200}]
  postgres: {storage: {size: 100Gi}}
`;
const localMode = new URL("../../operator/local/main.ts", import.meta.url).pathname;

/** Starts a whole system for this run alone. It ends with this process, or when disposed of. */
export async function openStage(): Promise<Stage & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "satang-bench-"));
  const file = join(folder, "bench.yaml");
  await writeFile(file, resource);
  const local = spawn(process.execPath, [localMode, "--json", "--ephemeral", `--file=${file}`], {
    env: { ...process.env, POSTGRES_URL: "", REDIS_URL: "" }, // tables are emptied between rounds: never somebody's own
    stdio: ["ignore", "pipe", "inherit"],
  });
  process.on("exit", () => {
    local.kill("SIGTERM");
    rmSync(folder, { recursive: true });
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

  const ready = await readyLine(createInterface(local.stdout));
  if (!ready.redis) throw new Error("the queue and the cache are measured with Redis, which is not here: install redis-server");
  const isPerformer = ({ name }: { name: string }) => name === "dispatcher" || name.startsWith("worker");
  return {
    ...(await prepared(ready.postgres)),
    folder,
    apiPort: Number(new URL(ready.api).port),
    secretKey: ready.secretKey,
    postgresUrl: ready.postgres,
    redisUrl: ready.redis,
    simulatorUrl: ready.simulator,
    processes: ready.processes,
    performers: ready.processes.filter(isPerformer).map(({ pid }) => pid),
    async [Symbol.asyncDispose]() {
      local.kill("SIGTERM");
      await once(local, "exit");
    },
  };
}

async function readyLine(lines: AsyncIterable<string>): Promise<ReadyLine> {
  for await (const line of lines) return JSON.parse(line) as ReadyLine;
  throw new Error("the system did not start");
}

function prepared(postgresUrl: string): Promise<{ payer: Payer; version: string }> {
  return withClient(postgresUrl, async (client) => {
    await client.query(helpers);
    const { rows } = await client.query<Payer & { version: string }>(
      `select bucket, id as "merchantId", 'Postgres ' || current_setting('server_version') as version from satang.merchants`,
    );
    const { bucket, merchantId, version } = rows[0]!;
    return { payer: { bucket, merchantId }, version };
  });
}
