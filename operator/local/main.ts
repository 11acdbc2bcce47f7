import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { probes } from "../../workloads/contract.ts";
import { card, type ReadyLine } from "./card.ts";
import { Fleet } from "./fleet.ts";
import { endLeftBehind } from "./left-behind.ts";
import { startLocalSystem } from "./local-system.ts";
import { type Options, optionsOf, usage } from "./options.ts";
import { elsewhere } from "./postgres.ts";
import { Refusal } from "./refusal.ts";
import { type Run, releaseRun, runningIn, takeRun, writeRun } from "./run-file.ts";
import { ephemeralState, openState, type StateFolder } from "./state-folder.ts";
import { systemOf } from "./system-file.ts";
import { probe } from "./workload.ts";

const project = resolve(import.meta.dirname, "../..");
const { env } = process;
const othersStartMs = 60_000;

process.stdout.on("error", () => {}); // whoever read our output may have gone; the system runs on
try {
  await main(optionsOf(process.argv.slice(2)));
} catch (error) {
  refuse(error);
}

async function main(options: Options): Promise<void> {
  if (options.help) return void process.stdout.write(usage);
  const system = systemOf(options.file === undefined ? undefined : fromCaller(options.file));
  const state = options.ephemeral
    ? ephemeralState()
    : openState(options.state === undefined ? join(project, ".satang") : fromCaller(options.state));
  const taken = takeRun(state.path);
  if (!taken) return show(options, await otherRun(state.path), { name: system.metadata.name, state });

  let line: (() => ReadyLine) | undefined;
  let starting: Promise<() => ReadyLine> | undefined;
  const record = () => writeRun(state.path, { processes: fleet.running(), ...(line && { ready: line() }) });
  const stream = options.verbose
    ? (name: string, text: string) => void process.stderr.write(text.replace(/^(?=.)/gm, `${name} | `))
    : undefined;
  const fleet = new Fleet({ logs: state.logs, stream, changed: record });
  const end = () => leave(fleet, state, starting);
  const stopped = stopOnSignals(fleet, end, options);
  try {
    await endLeftBehind(taken.left);
    const say = saying(options);
    starting = startLocalSystem({
      system,
      state,
      port: options.port,
      postgresUrl: env.POSTGRES_URL,
      redisUrl: env.REDIS_URL,
      path: env.PATH ?? "",
      fleet,
      say,
    });
    line = await starting;
    record();
    const run = runningIn(state.path);
    if (run) show(options, { ...run, ready: line() }, { name: system.metadata.name, state, mine: true });
  } catch (error) {
    if (!stopped()) {
      await end();
      refuse(error);
    }
  }
}

/** The first signal ends everything in order, the second in a hurry. The answer tells whether one came. */
function stopOnSignals(fleet: Fleet, end: () => Promise<void>, { json }: Options): () => boolean {
  let signals = 0;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      signals += 1;
      if (signals > 1) return fleet.hurry();
      if (!json) process.stdout.write("\n  Stopping; again to hurry\n");
      void end().then(() => process.exit(0), refuse);
    });
  }
  return () => signals > 0;
}

async function leave(fleet: Fleet, state: StateFolder, starting: Promise<unknown> | undefined): Promise<void> {
  await fleet.stop();
  await starting?.catch(() => {}); // what it was about to start it now refuses to, and what it waits for ends within seconds
  releaseRun(state.path);
  if (!state.ephemeral) return;
  for (const folder of [state.path, elsewhere(state.id)]) rmSync(folder, { recursive: true, force: true });
}

/** The system that somebody else runs in this folder, once it is ready. */
async function otherRun(folder: string): Promise<Run> {
  const deadline = Date.now() + othersStartMs;
  for (;;) {
    const run = runningIn(folder);
    if (!run) throw new Refusal("the system that was running here has just ended: run npm start again");
    if (run.ready) {
      const api = run.ready.processes.find((one) => one.name === "api")?.metrics;
      if (api && (await probe(new URL(probes.live, api).href).catch(() => false))) return run;
    }
    if (Date.now() > deadline) {
      throw new Refusal(
        `a system runs here (pid ${run.pid}) but its API does not answer: look into ${join(folder, "logs")}, or stop it: kill ${run.pid}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function show({ json }: Options, run: Run, { name, state, mine = false }: { name: string; state: StateFolder; mine?: boolean }): void {
  if (!run.ready) return;
  if (json) process.stdout.write(`${JSON.stringify(run.ready)}\n`);
  else process.stdout.write(card(run.ready, { name, state: state.path, ephemeral: state.ephemeral, pid: run.pid, already: !mine }));
}

function saying({ json }: Options): (text: string) => void {
  const startedAt = Date.now();
  if (json) return () => {};
  process.stdout.write("  Satang on this machine\n");
  return (text) => process.stdout.write(`  ${((Date.now() - startedAt) / 1000).toFixed(1).padStart(4)} s  ${text}\n`);
}

/** A path as whoever called npm meant it: npm itself goes to the project's folder first. */
function fromCaller(path: string): string {
  return resolve(env.INIT_CWD ?? process.cwd(), path);
}

function refuse(error: unknown): never {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`satang: ${error.message}\n`);
  process.exit(1);
}
