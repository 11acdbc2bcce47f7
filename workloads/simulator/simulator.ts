import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { openEffectRecord } from "./effect-record.ts";
import { readBody } from "./read-body.ts";
import { refusal, send } from "./reply.ts";
import { route } from "./routes.ts";
import { sendEvents } from "./send-events.ts";
import { type SimulatorState, stateOf } from "./simulator-state.ts";

// Got, not imported: see telemetry/management.ts.
const { createServer } = process.getBuiltinModule("node:http");

export type SimulatorOptions = {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Folder of the record: operations, effects and behaviour outlive the process. */
  readonly data: string;
  /** Where events go, and what they are signed with; `undefined`: nobody is told. */
  readonly events?: { readonly url: string; readonly secret: string } | undefined;
  /** Hears of what only the simulator's keeper can mend. */
  readonly log?: (message: string, error: Error) => void;
};

export type Simulator = { readonly url: string; close(): Promise<void> };

/**
 * Starts a provider that moves no money and remembers each time that it would have. It is the judge of what the rest did:
 * `GET /v1/effects` tells how often money moved for each idempotency key. Throws when the port or the folder is taken.
 */
export async function startSimulator({ port, host, data, events, log = () => {} }: SimulatorOptions): Promise<Simulator> {
  const record = openEffectRecord(data);
  const server = createServer(listener(stateOf(record), log));
  server.maxConnections = 10_000; // also bounds the calls that hang
  server.keepAliveTimeout = 75_000; // longer than a client keeps an idle line, so that none writes into one that we just closed
  server.requestTimeout = 30_000;
  try {
    await listening(server, port, host);
  } catch (error) {
    record.close();
    throw error;
  }

  const sending = events && sendEvents({ record, ...events });
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections(); // some hang by design and would never end
      await closed;
      await sending?.stop();
      record.close();
    },
  };
}

/** Nothing is told before it is kept: what was told and then forgotten would make a false witness of the judge. */
function listener(state: SimulatorState, log: (message: string, error: Error) => void) {
  function handle(req: IncomingMessage, res: ServerResponse, body: unknown): void {
    const key = req.headers["idempotency-key"];
    const reply = route({ method: req.method!, url: req.url!, key: typeof key === "string" ? key : undefined, body }, state);
    state.record.whenKept((error) => {
      if (error) log("the record could not be written", error);
      send(res, error ? notKept : reply);
    });
  }
  return (req: IncomingMessage, res: ServerResponse): void => {
    if (req.method === "GET") handle(req, res, undefined);
    else readBody(req, (body) => handle(req, res, body));
  };
}

const notKept = refusal(500, { code: "record_failed", message: "the simulator could not write its record; nothing was done" });

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
}
