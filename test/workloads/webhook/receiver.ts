import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

/** What reached a receiver. */
export type Got = {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** By `performance.now()`. */
  readonly at: number;
};

/** How it answers: a status (with headers), by hanging, or by cutting the line. */
export type Behaviour = (request: { readonly path: string; readonly count: number; readonly response: ServerResponse }) => void;

export const answers =
  (status: number, headers: Record<string, string> = {}, body = "thanks"): Behaviour =>
  ({ response }) =>
    void response.writeHead(status, headers).end(body);
export const hangs: Behaviour = () => {};
export const cuts: Behaviour = ({ response }) => void response.socket?.destroy();

/** A merchant's server on this machine. `count` counts from 1, per path. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly got: readonly Got[];
  at(path: string): Got[];
  behave(behaviour: Behaviour): void;
}

export async function receiver(behaviour: Behaviour = answers(200), { host = "127.0.0.1", port = 0 } = {}): Promise<Receiver> {
  const got: Got[] = [];
  const counts = new Map<string, number>();
  let behave = behaviour;
  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    response.on("error", () => {});
    const body = await bodyOf(request);
    const path = request.url ?? "";
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    got.push({ path, headers: request.headers as Record<string, string>, body, at: performance.now() });
    behave({ path, count, response });
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    got,
    at: (path) => got.filter((one) => one.path === path),
    behave(next) {
      behave = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The event that was sent, when its signature is right by this secret; throws when it is not. */
// biome-ignore lint/suspicious/noExplicitAny: what a test expects of an event is what it checks
export function verified({ body, headers }: Got, secret: string): Record<string, any> {
  return new Webhook(secret).verify(body, headers) as Record<string, unknown>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
