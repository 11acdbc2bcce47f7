import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import type { Access } from "./access.ts";
import type { Ask } from "./ask.ts";
import { KubeError } from "./kube-error.ts";
import type { Lifetime } from "./lifetime.ts";
import { refusal } from "./refusal.ts";

/** One way to the API server: sends a request, and brings back the answer once its head is there. */
export interface Transport {
  /** The whole answer as JSON. Throws `KubeError` for anything but a 2xx. */
  json(ask: Ask, life: Lifetime): Promise<unknown>;
  /** The answer piece by piece, on a connection that counts towards no limit. Throws as `json`; the lifetime must outlast it. */
  stream(ask: Ask, life: Lifetime): Promise<AsyncIterable<Buffer>>;
  close(): void;
}

/** A page of a list has some MiB; what is longer than this would take the whole memory with it. */
const longestAnswerBytes = 64 * 2 ** 20;
// The API server closes what is idle for 90 s. We do before, so that no request meets a connection that is just being closed.
const idleMs = 60_000;

export function transport(access: Access, onAnswer: (method: Ask["method"], code: number) => void): Transport {
  const kept = { keepAlive: true, keepAliveMsecs: 15_000, timeout: idleMs, scheduling: "lifo" as const };
  const requests = new Agent({ ...kept, maxSockets: 16, maxFreeSockets: 8 });
  const watches = new Agent({ ...kept, maxFreeSockets: 2 });

  async function open(agent: Agent, ask: Ask, life: Lifetime): Promise<IncomingMessage> {
    const { ca, token, certificate, serverName } = await access.credentials();
    life.check();
    const body = ask.body && JSON.stringify(ask.body);
    const headers = {
      Accept: "application/json",
      "User-Agent": "satang-operator",
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(body ? { "Content-Type": ask.contentType ?? "application/json", "Content-Length": Buffer.byteLength(body) } : {}),
    };
    const trust = { ...(ca ? { ca } : {}), ...(serverName ? { servername: serverName } : {}), ...certificate };
    return new Promise((resolve, reject) => {
      request(access.server + ask.path, { ...trust, agent, method: ask.method, headers, signal: life.signal })
        .on("response", (response) => {
          onAnswer(ask.method, response.statusCode ?? 0);
          resolve(response);
        })
        .on("error", (error) => {
          onAnswer(ask.method, 0);
          reject(error);
        })
        .end(body);
    });
  }

  async function answer(agent: Agent, ask: Ask, life: Lifetime): Promise<IncomingMessage> {
    const response = await open(agent, ask, life);
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    throw refusal(ask, statusCode, response.headers["retry-after"], await textOf(response));
  }

  /** Every failure on the way as a `KubeError`; if the lifetime has ended, the reason of that. */
  async function told<T>(ask: Ask, life: Lifetime, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw troubleOf(error, ask, life);
    }
  }

  function troubleOf(error: unknown, { method, path }: Ask, life: Lifetime): KubeError {
    if (life.signal.aborted) return life.signal.reason;
    if (error instanceof KubeError) return error;
    const { code, message } = error as NodeJS.ErrnoException;
    const text = `${method} ${path.split("?")[0]}: no whole answer from the API server at ${access.server}: ${code ?? message}`;
    return new KubeError(text, { code: 0, reason: "Unreachable", cause: error });
  }

  return {
    json: (ask, life) => told(ask, life, async () => JSON.parse(await textOf(await answer(requests, ask, life)))),
    async stream(ask, life) {
      const response = await told(ask, life, () => answer(watches, ask, life));
      return pieces(response, (error) => troubleOf(error, ask, life));
    },
    close() {
      requests.destroy();
      watches.destroy();
    },
  };
}

async function* pieces(response: IncomingMessage, troubleOf: (error: unknown) => KubeError): AsyncGenerator<Buffer> {
  try {
    for await (const piece of response) yield piece;
  } catch (error) {
    throw troubleOf(error);
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response) {
    bytes += piece.length;
    if (bytes > longestAnswerBytes)
      throw new KubeError(`an answer of over ${longestAnswerBytes} bytes`, { code: 0, reason: "AnswerTooLong" });
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
