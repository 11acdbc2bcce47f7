import { parseArgs } from "node:util";
import { maxPort } from "./ports.ts";
import { Refusal } from "./refusal.ts";

export type Options = {
  readonly file: string | undefined;
  readonly state: string | undefined;
  readonly port: number | undefined;
  readonly json: boolean;
  readonly ephemeral: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
};

/** Reads the command line. Throws `Refusal` for what it does not know. */
export function optionsOf(args: readonly string[]): Options {
  const values = parsed(args);
  if (values.ephemeral && values.state !== undefined)
    throw new Refusal("--ephemeral throws its state away and --state keeps it: give one of them");
  return {
    file: values.file,
    state: values.state,
    port: values.port === undefined ? undefined : portOf(values.port),
    json: values.json ?? false,
    ephemeral: values.ephemeral ?? false,
    verbose: values.verbose ?? false,
    help: values.help ?? false,
  };
}

export const usage = `Runs a payment system on this machine: API, dispatcher, workers, a simulated provider, Postgres and Redis.

  npm start [-- options]

  --file FILE     the PaymentSystem to run; without it, one with all defaults (spec: {})
  --port PORT     the API's port, this one or none, and the others near their usual distance from it;
                  without it, 4000 or the next free one
  --state DIR     where data, logs and keys are kept; default .satang in the project
  --ephemeral     keep nothing: data is thrown away at the end
  --json          print one line of JSON when ready, and nothing else on stdout
  --verbose       print what the processes log, on stderr
  --help          print this

  POSTGRES_URL    use this database (as its owner, who may create roles) instead of starting a Postgres
  REDIS_URL       use this Redis instead of starting one
`;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        file: { type: "string" },
        port: { type: "string" },
        state: { type: "string" },
        ephemeral: { type: "boolean" },
        json: { type: "boolean" },
        verbose: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    const first = (error as Error).message.split(/\.\s|\n/)[0]!; // the rest explains how to pass an argument that begins with a dash
    throw new Refusal(`${first.charAt(0).toLowerCase()}${first.slice(1)}; npm start -- --help lists what there is`, { cause: error });
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^[0-9]+$/.test(text) && port >= 1 && port <= maxPort) return port;
  throw new Refusal(`--port must be a number from 1 to ${maxPort}, not "${text}"`);
}
