import { connect, createServer } from "node:net";
import { ownerOf } from "./port-owner.ts";
import { Refusal } from "./refusal.ts";

/** A port for the asking, and what stood on the one that was wanted. */
export type Port = { readonly port: number; readonly wanted: number; readonly owner: string | undefined };

export const maxPort = 65_535;

/** Gives out ports of 127.0.0.1, each once: the wanted one if it is free, else the next that is. */
export class Ports {
  #given = new Set<number>();

  async take(wanted: number): Promise<Port> {
    for (let port = wanted; port <= maxPort; port++) {
      if (this.#given.has(port) || !(await isFree(port))) continue;
      this.#given.add(port);
      return { port, wanted, owner: port === wanted || this.#given.has(wanted) ? undefined : (ownerOf(wanted) ?? "another process") };
    }
    throw new Refusal(`no port from ${wanted} up is free: choose a lower one by --port`);
  }

  /** This very port, because somebody asked for it by name. */
  async insistOn(port: number): Promise<Port> {
    if (await isFree(port)) {
      this.#given.add(port);
      return { port, wanted: port, owner: undefined };
    }
    throw new Refusal(
      `port ${port} is taken by ${ownerOf(port) ?? "another process"}: stop that, or choose another by --port, or leave --port out`,
    );
  }
}

/** Nobody answers there, and we may listen there. Both are asked: some systems let us listen beside one that has all addresses. */
export async function isFree(port: number): Promise<boolean> {
  return !(await answers(port)) && (await mayListen(port));
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

function mayListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
