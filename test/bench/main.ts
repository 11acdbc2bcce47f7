import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import type { ReadyLine } from "../../operator/local/card.ts";
import { postgresBinaries } from "../../operator/local/postgres-binaries.ts";
import { type Goal, isMet, type Round, spread, table } from "./figures.ts";
import { paymentGoals, plainGoals, queueGoals, readingGoals } from "./goals.ts";
import { plainRound } from "./plain/plain-round.ts";
import { startPlain } from "./plain/plain-stage.ts";
import { queuesRound } from "./queues/queues-round.ts";
import { readingRound } from "./reading-round.ts";
import { startReading } from "./reading-stage.ts";
import { round } from "./round.ts";
import { helpers, type Payer } from "./scripts.ts";
import { conditions, type Stage, settledPayments, withClient } from "./stage.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    only: { type: "string", default: "payments,plain,queues,reads" },
    json: { type: "boolean", default: false },
  },
});
const wanted = new Set(values.only.split(","));
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const path = process.env.PATH ?? "";
const folders = [...postgresBinaries(path)].map(({ folder }) => folder).concat(path.split(delimiter));
const pgbenchBinary = folders.map((folder) => join(folder, "pgbench")).find((file) => existsSync(file));
if (!pgbenchBinary) {
  say(
    "bench: pgbench is not here, and everything is measured against it: install Debian's postgresql, or put a Postgres with pgbench on the PATH",
  );
  process.exit(1);
}

const folder = await mkdtemp(join(tmpdir(), "satang-bench-"));
const file = join(folder, "bench.yaml");
await writeFile(
  file,
  "apiVersion: satang.dev/v1alpha1\nkind: PaymentSystem\nmetadata: {name: bench}\nspec: {api: {admission: {requestsPerSecondPerMerchant: 100000, maxWaitSeconds: 3600}}, workers: [{name: payments, queues: [payments, refunds, webhooks], concurrency: 200}]}\n",
);
const local = spawn(
  process.execPath,
  [new URL("../../operator/local/main.ts", import.meta.url).pathname, "--json", "--ephemeral", `--file=${file}`],
  {
    env: { ...process.env, POSTGRES_URL: "", REDIS_URL: "" }, // tables are emptied between rounds: never somebody's own
    stdio: ["ignore", "pipe", "inherit"],
  },
);
process.on("exit", () => {
  local.kill("SIGTERM");
  rmSync(folder, { recursive: true });
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

say("bench: starting a system of its own");
for await (const line of createInterface(local.stdout)) {
  await measure(JSON.parse(line) as ReadyLine);
  break;
}
local.kill("SIGTERM");
await once(local, "exit");

async function measure(ready: ReadyLine): Promise<void> {
  const { payer, version } = await withClient(ready.postgres, async (client) => {
    await client.query(helpers);
    const { rows } = await client.query<Payer & { version: string }>(
      `select bucket, id as "merchantId", 'Postgres ' || current_setting('server_version') as version from satang.merchants`,
    );
    return { payer: { bucket: rows[0]!.bucket, merchantId: rows[0]!.merchantId }, version: rows[0]!.version };
  });
  const performers = ready.processes.filter(({ name }) => name === "dispatcher" || name.startsWith("worker"));
  if (!ready.redis) throw new Error("the cache is measured with Redis, which is not here: install redis-server");
  const stage: Stage = {
    apiPort: Number(new URL(ready.api).port),
    secretKey: ready.secretKey,
    postgresUrl: ready.postgres,
    redisUrl: ready.redis,
    simulatorUrl: ready.simulator,
    payer,
    performers: performers.map(({ pid }) => pid),
  };
  process.stdout.write(values.json ? "" : `\n${conditions(version)}\n`);
  const seconds = Number(values.seconds);
  if (wanted.has("payments"))
    await part("payments", () => round(stage, { pgbenchBinary: pgbenchBinary!, seconds }), { goals: paymentGoals, version });
  if (wanted.has("plain")) {
    await using plain = await startPlain(stage);
    await part("plain", () => plainRound(stage, plain, { seconds }), { goals: plainGoals, version });
  }
  if (wanted.has("queues")) await part("queues", () => queuesRound(stage), { goals: queueGoals, version });
  if (!wanted.has("reads")) return;
  // Only now is there a standby, on the same cores.
  await settledPayments(stage, 6_000);
  await using reading = await startReading(stage, folder);
  await part("reads", () => readingRound(stage, reading, { seconds }), { goals: readingGoals, version });
}

/** Measures in rounds, and prints what came of it. */
async function part(name: string, measured: () => Promise<Round>, { goals, version }: { goals: readonly Goal[]; version: string }) {
  const on = conditions(version);
  const rounds = await inRounds(name, measured);
  if (!values.json) {
    const how = `medians of ${rounds.length} rounds of ${values.seconds} s a figure, in brackets the range`;
    process.stdout.write(`\n${name}: ${how}\n\n${table(rounds, goals)}\n`);
    return;
  }
  const ratios = goals.map((goal) => {
    const found = spread(rounds.map(goal.ratio));
    return { ...found, met: isMet(goal, found), what: goal.what, against: goal.against };
  });
  process.stdout.write(`${JSON.stringify({ part: name, conditions: on, rounds, ratios })}\n`);
}

/** The first round only warms up. */
async function inRounds(what: string, measured: () => Promise<Round>): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let i = 0; i <= Number(values.rounds); i++) {
    const start = performance.now();
    const figures = await measured();
    if (i > 0) rounds.push(figures);
    say(`bench: ${what}, ${i === 0 ? "warm-up" : `round ${i} of ${values.rounds}`}, ${((performance.now() - start) / 1000).toFixed(0)} s`);
  }
  return rounds;
}
