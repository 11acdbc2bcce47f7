import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Line } from "./line.ts";
import type { Moment, Protocol } from "./protocol.ts";

/**
 * A TCP proxy that stands between a process and a server, and can stop what passes at a named moment: the process may then be killed,
 * or suspended and woken, on exactly that line of what it does. It knows nothing of the gate but an address.
 */
export interface Gate {
  /** The same URL, through this gate. */
  through(url: string): string;
  /** Stops the connection on which this moment comes next, once. Lay it before the process can get there. */
  stopAt(moment: Moment): Stop;
  /** How often something of that name was asked for, let through or not. */
  asked(name: string): number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A connection that is stopped, or will be. What was stopped is gone with the process, unless it is let through. */
export interface Stop {
  readonly reached: Promise<void>;
  letThrough(): void;
}

/** What is waited for. It happens once. */
export type Trap = { readonly moment: Moment; usesLeft: number; readonly spring: (line: Line) => void };

export async function openGate(protocol: Protocol, { host, port }: { host: string; port: number }): Promise<Gate> {
  const lines = new Set<Line>();
  const traps = new Set<Trap>();
  const asked = new Map<string, number>(); // bounded by the names of the protocol
  const server = createServer({ noDelay: true }, (client: Socket) => {
    const line = new Line(client, connect({ host, port, noDelay: true }), { protocol, traps, asked });
    lines.add(line);
    client.once("close", () => lines.delete(line));
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const address = server.address() as AddressInfo;

  return {
    through(url) {
      const changed = new URL(url);
      changed.host = `127.0.0.1:${address.port}`;
      return changed.href.replace(/\/$/, "");
    },
    stopAt(moment) {
      const { promise: reached, resolve } = Promise.withResolvers<void>();
      let stopped: Line | undefined;
      const spring = (line: Line): void => {
        stopped = line;
        resolve();
      };
      traps.add({ moment, usesLeft: moment.use ?? 1, spring });
      return { reached, letThrough: () => stopped?.letThrough() };
    },
    asked: (name) => asked.get(name) ?? 0,
    async [Symbol.asyncDispose]() {
      for (const line of lines) line.cut();
      await closed(server);
    },
  };
}

function closed(server: Server): Promise<unknown> {
  return new Promise((resolve) => server.close(resolve));
}
