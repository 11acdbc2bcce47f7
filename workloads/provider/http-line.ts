import { createRequire } from "node:module";
import type { Dispatcher, Pool } from "undici";
import type { NoAnswer } from "./provider.ts";

export type HttpRequest = { method: "GET" | "POST"; path: string; body?: string; signal: AbortSignal };
export type HttpAnswer = {
  readonly kind: "answer";
  readonly status: number;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
};
type Failure = Extract<NoAnswer, { kind: "not_sent" | "unknown" }>;

export type HttpLine = {
  /** Never throws: what came of it, sorted by whether anything can have reached the other side. */
  ask(request: HttpRequest): Promise<HttpAnswer | Failure>;
  close(): Promise<void>;
};

// A call by undici's dispatcher takes a quarter of the processor time that one by `node:http` takes. The whole module would read
// `fetch`, caches and WebSockets, too, for three times as long at each start.
const UndiciPool = createRequire(import.meta.url)("undici/lib/dispatcher/pool.js") as typeof Pool;

/** Speaks JSON with one provider, over at most `connections` lines that are kept open. Nothing is ever sent again by itself. */
export function httpLine({ url, connections }: { url: string; connections: number }): HttpLine {
  const { origin, pathname } = new URL(url);
  const base = pathname.replace(/\/$/, "");
  const pool = new UndiciPool(origin, {
    connections,
    connect: { timeout: connectTimeoutMs },
    keepAliveTimeout: idleMs,
    headersTimeout: 0, // who asks says for how long he waits
    bodyTimeout: 0,
    allowH2: false,
  });
  return {
    ask: ({ method, path, body, signal }) =>
      new Promise((resolve) => {
        const request = { method, path: base + path, headers: json, ...(body !== undefined && { body }) };
        pool.dispatch(request, exchange(signal, resolve));
      }),
    close: () => pool.destroy(),
  };
}

const json = { "content-type": "application/json" };

const idleMs = 30_000;
// Shorter than any provider timeout, so that a host that does not answer is "not sent", and not "unknown".
const connectTimeoutMs = 3_000;
const maxAnswerBytes = 1024 * 1024;

/** Tells what came of one call. It begins when its line is open; until then nothing of it can have left. */
function exchange(signal: AbortSignal, tell: (told: HttpAnswer | Failure) => void): Dispatcher.DispatchHandler {
  let begun: Dispatcher.DispatchController | undefined;
  let status = 0;
  let retryAfterMs: number | undefined;
  let bytes = 0;
  const chunks: Buffer[] = [];

  const end = (told: HttpAnswer | Failure) => {
    signal.removeEventListener("abort", giveUp);
    tell(told);
  };
  const giveUp = () => {
    if (begun)
      begun.abort(signal.reason); // which is then told as an error
    else end({ kind: "not_sent", reason: "no line was free in time" });
  };
  signal.addEventListener("abort", giveUp);

  return {
    onRequestStart(controller) {
      if (signal.aborted) return controller.abort(signal.reason);
      begun = controller;
    },
    onResponseStart(_, statusCode, headers) {
      status = statusCode;
      retryAfterMs = retryAfterOf(headers["retry-after"]);
    },
    onResponseData(controller, chunk) {
      bytes += chunk.length;
      if (bytes > maxAnswerBytes) controller.abort(new Error(`an answer of more than ${maxAnswerBytes} bytes`));
      else chunks.push(chunk);
    },
    onResponseEnd: () => end({ kind: "answer", status, text: Buffer.concat(chunks).toString(), retryAfterMs }),
    onResponseError: (_, error) => end({ kind: begun ? "unknown" : "not_sent", reason: reasonOf(error) }),
  };
}

// A host with several addresses that all refuse has an error for each, and no message of its own.
function reasonOf(error: Error): string {
  return error.message || ("code" in error ? String(error.code) : error.name);
}

/** Seconds or a date, as RFC 9110 has it. */
function retryAfterOf(header: string | string[] | undefined): number | undefined {
  if (typeof header !== "string") return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
