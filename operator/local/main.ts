import { rmSync } from "node:fs";
import { join } from "node:path";
import { card, type ReadyLine } from "./card.ts";
import { credentialsOf } from "./credentials.ts";
import { endLeftBehind } from "./left-behind.ts";
import { LocalSystem } from "./local-system.ts";
import { logs } from "./logs.ts";
import { type Options, optionsOf, usage } from "./options.ts";
import { Ports } from "./ports.ts";
import { identityOf } from "./process-identity.ts";
import { Refusal } from "./refusal.ts";
import { releaseRun, runningIn, takeRun, writeRun } from "./run-file.ts";
import { ephemeralState, openState, type StateFolder } from "./state-folder.ts";
import { systemOf } from "./system-file.ts";

const defaultState = join(import.meta.dirname, "../../.satang");
const someoneElseMs = 60_000;
const patientMs = 20_000;
const impatientMs = 500;

try {
  await main(optionsOf(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`satang: ${error.message}\n`);
  process.exit(1);
}

async function main(options: Options): Promise<void> {
  if (options.help) return void process.stdout.write(usage);
  const system = systemOf(options.file);
  const state = options.ephemeral ? ephemeralState() : openState(options.state ?? defaultState);
  const taken = takeRun(state.path);
  if (!taken) return showRunning(state, system.metadata.name, options);
  await endLeftBehind(taken.left);

  const log = logs(state, options.verbose);
  const local = new LocalSystem({
    system,
    state,
    credentials: credentialsOf(state, system.spec.mode),
    ports: new Ports(),
    port: options.port,
    postgresUrl: process.env.POSTGRES_URL,
    redisUrl: process.env.REDIS_URL,
    path: process.env.PATH ?? "",
    log: log.write,
    changed: () => note(),
    notice: (text) => process.stderr.write(`satang: ${text}\n`),
  });
  let ready: ReadyLine | undefined;
  const note = () => writeRun(state.path, { processes: running(local), ...(ready && { ready }) });

  let ending: Promise<void> | undefined;
  const end = (code: number): void => {
    const again = ending !== undefined;
    if (again) void local.stop(impatientMs); // a second Ctrl-C: whoever has not finished is cut off
    ending ??= local.stop(patientMs).then(() => {
      log.close();
      releaseRun(state.path);
      if (state.ephemeral) rmSync(state.path, { recursive: true, force: true });
      process.exit(code);
    });
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (!options.json) process.stderr.write(ending !== undefined ? "satang: stopping now\n" : "\nsatang: stopping; once more to hurry\n");
      end(0);
    });
  }

  try {
    ready = await local.start();
  } catch (error) {
    if (ending !== undefined) return ending;
    if (error instanceof Refusal) process.stderr.write(`satang: ${error.message}\n`);
    else console.error(error);
    return end(1);
  }
  note();
  print(ready, { state, name: system.metadata.name, already: false, pid: process.pid }, options);
}

/** Somebody else runs this folder: shows his card, and waits for it if he is still starting. */
async function showRunning(state: StateFolder, name: string, options: Options): Promise<void> {
  const deadline = Date.now() + someoneElseMs;
  for (;;) {
    const run = runningIn(state.path);
    if (run?.ready) return print(run.ready, { state, name, already: true, pid: run.pid }, options);
    if (!run || Date.now() > deadline)
      throw new Refusal(`another start in ${state.path} did not get ready: see ${state.logs}, and try again`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

type Shown = { state: StateFolder; name: string; already: boolean; pid: number };

function print(ready: ReadyLine, { state, ...rest }: Shown, { json }: Options): void {
  const text = json ? `${JSON.stringify(ready)}\n` : card(ready, { ...rest, state: state.path, ephemeral: state.ephemeral });
  process.stdout.write(text);
}

function running(local: LocalSystem): { name: string; pid: number; identity: string }[] {
  return [...local.processes].flatMap(([name, { pid }]) => {
    const identity = pid === undefined ? undefined : identityOf(pid);
    return pid === undefined || identity === undefined ? [] : [{ name, pid, identity }];
  });
}
