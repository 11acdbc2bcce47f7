import { connect, createServer, type Server } from "node:net";
import { ownerOf } from "./port-owner.ts";
import { Refusal } from "./refusal.ts";

/** A port for the asking, and what stood on the one that was wanted. */
export type Port = { readonly port: number; readonly wanted: number; readonly owner: string | undefined };

export const maxPort = 65_535;

/** Gives out ports of 127.0.0.1: the wanted one if it is free, else the next that is. */
export class Ports {
  // A port that was looked at and let go is anybody's until its server listens, seconds later. So we listen there ourselves meanwhile.
  #held = new Map<number, Server>();
  #given = new Set<number>();

  /** A port that stays ours until `release`. */
  async hold(wanted: number): Promise<Port> {
    for (let port = wanted; port <= maxPort; port++) {
      if (this.#given.has(port) || !(await this.#grab(port))) continue;
      return { port, wanted, owner: port === wanted || this.#given.has(wanted) ? undefined : (ownerOf(wanted) ?? "another process") };
    }
    throw new Refusal(`no port from ${wanted} up is free: choose a lower one by --port`);
  }

  /** This very port, because somebody asked for it by name; it stays ours until `release`. */
  async insistOn(port: number): Promise<Port> {
    if (await this.#grab(port)) return { port, wanted: port, owner: undefined };
    throw new Refusal(
      `port ${port} is taken by ${ownerOf(port) ?? "another process"}: stop that, or choose another by --port, or leave --port out`,
    );
  }

  /** A port to listen on at once. */
  async take(wanted: number): Promise<Port> {
    const held = await this.hold(wanted);
    await this.release(held.port);
    return held;
  }

  /** Lets go of ports, for those that listen there now; `hold` does not give them out again. */
  async release(...ports: readonly number[]): Promise<void> {
    await Promise.all(ports.map((port) => closed(this.#held.get(port))));
    for (const port of ports) this.#held.delete(port);
  }

  async #grab(port: number): Promise<boolean> {
    const server = (await answers(port)) ? undefined : await listening(port);
    if (!server) return false;
    this.#held.set(port, server);
    this.#given.add(port);
    return true;
  }
}

/** Nobody answers there, and we may listen there. Both are asked: some systems let us listen beside one that has all addresses. */
export async function isFree(port: number): Promise<boolean> {
  const server = (await answers(port)) ? undefined : await listening(port);
  await closed(server);
  return server !== undefined;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const say = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => say(true));
    socket.once("error", () => say(false));
    socket.setTimeout(1000, () => say(true)); // somebody holds it, even if he does not speak
  });
}

function listening(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy()).unref();
    server.once("error", () => resolve(undefined));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => resolve(server));
  });
}

function closed(server: Server | undefined): Promise<void> {
  return new Promise((resolve) => (server ? server.close(() => resolve()) : resolve()));
}
