import type { ClientRequest, IncomingMessage } from "node:http";
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

// Got, not imported: an import reads everything that the module can give, the HTTP client behind `fetch` included, for 12 MiB.
const plain = process.getBuiltinModule("node:http");
const secure = process.getBuiltinModule("node:https");

/** Speaks JSON with one provider, over at most `connections` lines that are kept open. Nothing is ever sent again by itself. */
export function httpLine({ url, connections }: { url: string; connections: number }): HttpLine {
  const { protocol, hostname, port, pathname } = new URL(url);
  const base = pathname.replace(/\/$/, "");
  const isSecure = protocol === "https:";
  const { request } = isSecure ? secure : plain;
  const agent = new (isSecure ? secure : plain).Agent({ keepAlive: true, maxSockets: connections, timeout: idleMs });
  const host = { hostname: hostname.replace(/^\[|\]$/g, ""), port, agent };

  return {
    ask({ method, path, body, signal }) {
      const headers = body === undefined ? json : { ...json, "content-length": Buffer.byteLength(body) };
      return new Promise((resolve) => {
        const asking = request({ ...host, method, path: base + path, headers, signal });
        const isSent = connected(asking, isSecure ? "secureConnect" : "connect");
        const fail = (error: Error) => resolve({ kind: isSent() ? "unknown" : "not_sent", reason: reasonOf(error) });
        asking.on("error", fail);
        asking.on("response", (answer) => void read(answer).then(resolve, fail));
        asking.end(body);
      });
    },
    async close() {
      agent.destroy();
    },
  };
}

const json = { "content-type": "application/json" };

const idleMs = 30_000;
// Shorter than any provider timeout, so that a host that does not answer is "not sent", and not "unknown".
const connectTimeoutMs = 3_000;
const maxAnswerBytes = 1024 * 1024;

/** Whether a request may have left: it has a line that was open before, or that opened since. Ends it when its line does not open in time. */
function connected(asking: ClientRequest, opened: "connect" | "secureConnect"): () => boolean {
  let isOpen = false;
  asking.once("socket", (socket) => {
    if (asking.reusedSocket) {
      isOpen = true;
      return;
    }
    const late = setTimeout(() => asking.destroy(new Error(`no connection in ${connectTimeoutMs} ms`)), connectTimeoutMs);
    socket.once(opened, () => {
      isOpen = true;
      clearTimeout(late);
    });
    asking.once("close", () => clearTimeout(late));
  });
  return () => isOpen;
}

async function read(answer: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw new Error(`an answer of more than ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  const retryAfterMs = retryAfterOf(answer.headers["retry-after"]);
  return { kind: "answer", status: answer.statusCode!, text: Buffer.concat(chunks).toString(), retryAfterMs };
}

// A host with several addresses that all refuse has an error for each, and no message of its own.
function reasonOf(error: Error): string {
  return error.message || ("code" in error ? String(error.code) : error.name);
}

/** Seconds or a date, as RFC 9110 has it. */
function retryAfterOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
