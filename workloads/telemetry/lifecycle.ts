import type { z } from "zod";
import { drainSeconds, type Role } from "../contract.ts";
import { type Check, Checks } from "./checks.ts";
import { type commonEnv, EnvironmentInvalid, readEnv } from "./env.ts";
import { type Log, openLog } from "./log.ts";
import { type JsonRoute, startManagement } from "./management.ts";
import { type Metrics, processMetrics } from "./metrics.ts";

/** What a process is given to start with. */
export type Context<Env> = {
  readonly env: Env;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Adds a condition of `/readyz`, under a name. */
  ready(name: string, check: Check): void;
  /** Adds a condition of `/livez`: while it fails, the process should be started again. */
  live(name: string, check: Check): void;
  /** Serves JSON at a path of the management port. */
  route(path: string, answer: JsonRoute): void;
  /** Closes something at shutdown. What was opened last is closed first; each finishes what it has in hand. */
  onStop(name: string, stop: () => unknown): void;
};

type Options<S> = {
  readonly role: Role;
  readonly schema: S;
  readonly env: Record<string, string | undefined>;
  /** Between readiness off and the first stop, so that whoever routes to us has heard of it. */
  readonly pauseSeconds?: number;
};

type Schema = z.ZodObject<typeof commonEnv.shape>;

/**
 * Runs a process: reads its environment, opens log, metrics and probes, starts it, and ends it in order on SIGTERM or SIGINT:
 * readiness off, what is in hand finishes within `drainSeconds`, what was opened is closed, exit 0. A second signal ends it at once with 1.
 * Anything unhandled is logged and ends it with 1: it is started again, and every state that matters is in Postgres.
 * `start` returns `"done"` when the process has nothing more to do.
 */
export async function run<S extends Schema>(
  options: Options<S>,
  start: (context: Context<z.output<S>>) => Promise<unknown>,
): Promise<void> {
  const env = envOrExit(options);
  const log = openLog({ role: options.role, pool: "POOL" in env ? String(env.POOL) : undefined, level: env.LOG_LEVEL });
  for (const event of ["unhandledRejection", "uncaughtException"] as const) process.on(event, (error) => void die(log, event, error));

  const live = new Checks();
  const ready = new Checks();
  const startup = new Checks();
  const routes = new Map<string, JsonRoute>();
  const stops: Stop[] = [];
  const metrics = processMetrics();
  let state: "starting" | "serving" | "stopping" = "starting";
  startup.add("started", () => (state === "starting" ? "still starting" : undefined));
  ready.add("serving", () => (state === "serving" ? undefined : `the process is ${state}`));

  const stopNow = async (why: string): Promise<never> => {
    if (state === "stopping") return exit(log, 1, `${why} again: leaving at once`);
    state = "stopping";
    log.info(`${why}: stopping`);
    await sleep((options.pauseSeconds ?? 0) * 1000);
    return exit(log, await stopAll(stops, log), "stopped");
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stopNow(signal));

  try {
    const management = await startManagement({
      host: env.HOST,
      port: env.MANAGEMENT_PORT,
      registry: metrics.registry,
      live,
      ready,
      startup,
      routes,
    });
    stops.push({ name: "management", stop: management.close });
    const done = await start({
      env,
      log,
      metrics,
      ready: (name, check) => ready.add(name, check),
      live: (name, check) => live.add(name, check),
      route: (path, answer) => void routes.set(path, answer),
      onStop: (name, stop) => void stops.push({ name, stop }),
    });
    if (done === "done") await stopNow("done");
    else if (state === "starting") state = "serving";
    log.info({ management: management.url }, "started");
  } catch (error) {
    await die(log, "could not start", error);
  }
}

type Stop = { readonly name: string; readonly stop: () => unknown };

function envOrExit<S extends Schema>({ role, schema, env }: Options<S>): z.output<S> {
  try {
    return readEnv(schema, env);
  } catch (error) {
    if (!(error instanceof EnvironmentInvalid)) throw error;
    process.stderr.write(`${role} cannot start:\n${error.message}\n`);
    process.exit(1);
  }
}

// One that fails or hangs does not keep the others from closing.
async function stopAll(stops: readonly Stop[], log: Log): Promise<0 | 1> {
  const deadline = Date.now() + drainSeconds * 1000;
  let failed = false;
  for (const { name, stop } of stops.toReversed()) {
    try {
      const left = Math.max(100, deadline - Date.now());
      const late = sleep(left).then(() => "late");
      if ((await Promise.race([stop(), late])) === "late") throw new Error(`not finished after ${drainSeconds} s`);
    } catch (error) {
      failed = true;
      log.warn({ err: error }, `${name} did not stop cleanly`);
    }
  }
  return failed ? 1 : 0;
}

async function die(log: Log, what: string, error: unknown): Promise<never> {
  log.fatal({ err: error }, what);
  return exit(log, 1, "stopped");
}

const lastWordsMs = 200;

// The last lines are worth a moment; a stdout that nobody reads is not worth more.
async function exit(log: Log, code: 0 | 1, message: string): Promise<never> {
  log.info({ code }, message);
  const written = new Promise<void>((resolve) => log.flush(() => resolve()));
  await Promise.race([written, sleep(lastWordsMs)]);
  process.exit(code);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
