import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import type { Access } from "../../../operator/kube/access.ts";
import { accessOf } from "./access-of.ts";

/** What happens to one request instead of going through. */
export type Trouble =
  | { kind: "answer"; code: number; headers?: Record<string, string>; body?: object | string }
  | { kind: "reset" }
  | { kind: "stall" }
  | { kind: "half an answer" };

/** A way to the API server on which the test decides what goes wrong. It speaks TLS to both ends, so that it sees each request. */
export interface TroubledLine extends AsyncDisposable {
  access: Access;
  /** Asked of each request. */
  trouble: (ask: { method: string; path: string; isWatch: boolean }) => Trouble | undefined;
  /** Connections that were made so far. */
  connections: number;
  readonly openConnections: number;
  /** Every request that came, with its headers. */
  requests: { method: string; path: string; headers: IncomingMessage["headers"] }[];
  /** Watches that are open. */
  readonly watches: number;
  /** Resets every connection that there is. */
  reset(): void;
  /** Of each watch that is open now no more comes through, and no end either. */
  freeze(): void;
  /** Each watch that is open now breaks in the middle of the next event. */
  breakInNextEvent(): void;
}

export async function troubledLine(server: { url: string; certificates: string }): Promise<TroubledLine> {
  const { ca, certificate } = await accessOf(server).credentials();
  const upstream = new Agent({ keepAlive: true, ca: ca!, ...certificate });
  const file = (name: string) => readFileSync(join(server.certificates, name));
  const door = createServer({ cert: file("api-server.crt"), key: file("api-server.key") });
  const sockets = new Set<TLSSocket>();
  const watches = new Set<Watch>();
  door.on("secureConnection", (socket: TLSSocket) => {
    line.connections++;
    sockets.add(socket.on("close", () => sockets.delete(socket)).on("error", () => {}));
  });
  door.on("request", (asked, answer) => {
    const { method = "", url: path = "", headers } = asked;
    line.requests.push({ method, path, headers });
    const isWatch = path.includes("watch=true");
    const trouble = line.trouble({ method, path, isWatch });
    if (trouble && trouble.kind !== "half an answer") return instead(trouble, asked, answer);
    pass(asked, answer, { isWatch, isHalf: trouble !== undefined });
  });

  function instead(
    trouble: Extract<Trouble, { kind: "answer" | "reset" | "stall" }>,
    asked: IncomingMessage,
    answer: ServerResponse,
  ): void {
    if (trouble.kind === "stall") return;
    if (trouble.kind === "reset") return void asked.socket.destroy();
    const { code, headers, body = "" } = trouble;
    asked.resume();
    answer.writeHead(code, headers).end(typeof body === "string" ? body : JSON.stringify(body));
  }

  function pass(asked: IncomingMessage, answer: ServerResponse, { isWatch, isHalf }: { isWatch: boolean; isHalf: boolean }): void {
    const { host: _, ...headers } = asked.headers;
    const way = request(server.url + asked.url, { agent: upstream, method: asked.method!, headers });
    const watch: Watch = { mood: "well" };
    way.on("error", () => asked.socket.destroy());
    way.on("response", (response) => {
      if (isWatch) watches.add(watch);
      answer.writeHead(response.statusCode!, response.headers);
      answer.flushHeaders();
      response.on("data", (piece: Buffer) => {
        if (watch.mood === "frozen") return;
        if (watch.mood === "well" && !isHalf) return void answer.write(piece);
        answer.write(piece.subarray(0, piece.length / 2), () => asked.socket.destroy());
      });
      response.on("end", () => watch.mood === "well" && answer.end());
      response.on("error", () => asked.socket.destroy());
    });
    answer.on("close", () => {
      watches.delete(watch);
      way.destroy();
    });
    asked.pipe(way);
  }

  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  const line: TroubledLine = {
    access: accessOf(server, `https://127.0.0.1:${(door.address() as AddressInfo).port}`),
    trouble: () => undefined,
    connections: 0,
    get openConnections() {
      return sockets.size;
    },
    requests: [],
    get watches() {
      return watches.size;
    },
    reset() {
      for (const socket of sockets) socket.destroy();
    },
    freeze() {
      for (const watch of watches) watch.mood = "frozen";
    },
    breakInNextEvent() {
      for (const watch of watches) watch.mood = "breaks";
    },
    async [Symbol.asyncDispose]() {
      door.close();
      line.reset();
      upstream.destroy();
    },
  };
  return line;
}

interface Watch {
  mood: "well" | "frozen" | "breaks";
}
