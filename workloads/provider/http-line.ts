import { Pool } from "undici";
import type { NoAnswer } from "./provider.ts";

export type HttpRequest = { method: "GET" | "POST"; path: string; body?: string; signal: AbortSignal };
export type HttpAnswer = {
  readonly kind: "answer";
  readonly status: number;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
};

export type HttpLine = {
  /** Never throws: what came of it, sorted by whether anything can have reached the other side. */
  ask(request: HttpRequest): Promise<HttpAnswer | Extract<NoAnswer, { kind: "not_sent" | "unknown" }>>;
  close(): Promise<void>;
};

/** Speaks JSON with one provider, over at most `connections` lines that are kept open. Nothing is ever sent again by itself. */
export function httpLine({ url, connections }: { url: string; connections: number }): HttpLine {
  const { origin, pathname } = new URL(url);
  const base = pathname.replace(/\/$/, "");
  const pool = new Pool(origin, {
    connections,
    pipelining: 1, // an answer that hangs must hold up no other
    connect: { timeout: connectTimeoutMs },
    headersTimeout: 0, // the guard ends calls
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
    maxResponseSize: 1024 * 1024,
  });

  return {
    async ask({ method, path, body, signal }) {
      try {
        const res = await pool.request({ method, path: base + path, headers: json, body: body ?? null, signal });
        const retryAfterMs = retryAfterOf(res.headers["retry-after"]);
        return { kind: "answer", status: res.statusCode, text: await res.body.text(), retryAfterMs };
      } catch (error) {
        return failureOf(error);
      }
    },
    close: () => pool.destroy(),
  };
}

const json = { "content-type": "application/json" };

// Shorter than any provider timeout, so that a host that does not answer is "not sent", and not "unknown".
const connectTimeoutMs = 3_000;

/** Errors of making the connection. Every other may have come after the first byte. */
const beforeTheFirstByte = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_CLOSED",
  "UND_ERR_DESTROYED",
]);

function failureOf(error: unknown): Extract<NoAnswer, { kind: "not_sent" | "unknown" }> {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = error instanceof Error ? error.message || code : String(error);
  return { kind: beforeTheFirstByte.has(code) ? "not_sent" : "unknown", reason };
}

/** Seconds or a date, as RFC 9110 has it. */
function retryAfterOf(header: string | string[] | undefined): number | undefined {
  if (typeof header !== "string") return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
