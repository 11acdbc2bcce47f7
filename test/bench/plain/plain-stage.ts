import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Ports } from "../../../operator/local/ports.ts";
import { type Stage, withClient } from "../stage.ts";

/** The plain build on the same Postgres, Redis and simulator as ours: two API processes on one port, and one worker. */
export type PlainStage = AsyncDisposable & {
  readonly apiPort: number;
  readonly secretKey: string;
  /** The worker, to hold it still while payments pile up. */
  readonly performers: readonly number[];
  /** Its own, and those that it shares with ours. */
  readonly processes: Stage["processes"];
};

const secretKey = "plain_bench_key"; // opens nothing but this
const file = (name: string): string => new URL(name, import.meta.url).pathname;

export async function startPlain({ postgresUrl, redisUrl, simulatorUrl, payer, processes: ofSystem }: Stage): Promise<PlainStage> {
  await sweepPlain(postgresUrl);
  const { port } = await new Ports().take(33_000);
  const common = [`--url=${postgresUrl}`, `--redis=${redisUrl}`];
  const api = [file("./api.ts"), ...common, `--port=${port}`, `--key=${secretKey}`, `--merchant=${payer.merchantId}`];
  const worker = [file("./worker.ts"), ...common, `--provider=${simulatorUrl}`];
  const processes = [api, api, worker].map((args) => spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] }));
  const end = () => {
    for (const one of processes) one.kill("SIGKILL");
  };
  process.once("exit", end);
  await Promise.all(processes.map(isReady));
  const shared = ofSystem.filter(({ name }) => ["postgres", "redis", "simulator"].includes(name));
  return {
    apiPort: port,
    secretKey,
    performers: [processes[2]!.pid!],
    processes: [...["api-1", "api-2", "worker"].map((name, i) => ({ name, pid: processes[i]!.pid! })), ...shared],
    async [Symbol.asyncDispose]() {
      end();
      process.off("exit", end);
      await withClient(postgresUrl, (client) => client.query("drop schema plain cascade"));
    },
  };
}

/** Makes its tables, empty. */
export function sweepPlain(postgresUrl: string): Promise<unknown> {
  return withClient(postgresUrl, (client) => client.query(readFileSync(file("./schema.sql"), "utf8")));
}

async function isReady(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the plain build ended with ${code}`);
  });
  await Promise.race([once(child.stdout!, "data"), ended]);
  ended.catch(() => {});
}
