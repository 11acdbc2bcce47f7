import type { IncomingMessage } from "node:http";
import { redactText } from "../telemetry/redact.ts";
import { HostRefused, type Lookup } from "./lookup.ts";

/** What came of one try to send. */
export type Heard =
  | { readonly kind: "answer"; readonly statusCode: number; readonly answer: string; readonly retryAfterSeconds: number | undefined }
  | { readonly kind: "no answer"; readonly reason: string };

export type Posting = { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** Sends what merchants are told to hosts that they chose. */
export interface Poster {
  /** Never throws, never follows a redirect, and ends within the timeout, whatever the other side does. */
  post(posting: Posting): Promise<Heard>;
  close(): Promise<void>;
}

const idleMs = 4_000;
const maxHeaderBytes = 16 * 1024;
// How much of an answer is read, and for how long once its head is there. What is kept of it is less.
const maxAnswerBytes = 16 * 1024;
const answerMs = 2_000;
const keptCharacters = 300;

// Got, not imported: see telemetry/management.ts.
const plain = process.getBuiltinModule("node:http");
const secure = process.getBuiltinModule("node:https");

export function poster({ lookup, timeoutSeconds }: { lookup: Lookup; timeoutSeconds: number }): Poster {
  // No bound on connections to one host: merchants share hosts, and one of them must not wait for another. The lanes bound them all.
  const keeping = { keepAlive: true, timeout: idleMs, lookup: lookup.forSockets, maxHeaderSize: maxHeaderBytes };
  const agents = { "http:": new plain.Agent(keeping), "https:": new secure.Agent(keeping) };

  async function ask({ url, headers, body }: Posting, signal: AbortSignal): Promise<IncomingMessage> {
    const { protocol, hostname, port, pathname, search } = new URL(url);
    lookup.check(hostname);
    const isSecure = protocol === "https:";
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const asking = (isSecure ? secure : plain).request(
      {
        agent: agents[isSecure ? "https:" : "http:"],
        ...{ method: "POST", hostname: hostname.replace(/^\[|\]$/g, ""), port, path: pathname + search, signal },
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
      },
      resolve,
    );
    asking.on("error", (error: Error & { code?: string }) =>
      reject(asking.reusedSocket && error.code === "ECONNRESET" ? new Stale() : error),
    );
    asking.end(body);
    return promise;
  }

  return {
    async post(posting) {
      const signal = AbortSignal.timeout(timeoutSeconds * 1000);
      try {
        // A connection that was kept may have been closed by them just when we used it: once more says it.
        const answer = await ask(posting, signal).catch((error) => (error instanceof Stale ? ask(posting, signal) : Promise.reject(error)));
        const retryAfterSeconds = retryAfterOf(answer.headers["retry-after"]);
        return { kind: "answer", statusCode: answer.statusCode!, retryAfterSeconds, answer: await beginningOf(answer) };
      } catch (error) {
        return { kind: "no answer", reason: signal.aborted ? `no answer in ${timeoutSeconds} s` : reasonOf(error) };
      }
    },
    async close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

class Stale extends Error {
  override readonly name = "Stale";
}

/** How an answer begins, as far as a log may hold it. An answer that never ends is an answer all the same. */
async function beginningOf(
  body: AsyncIterable<Buffer> & { destroy(): unknown; on(event: "error", ignore: () => void): unknown },
): Promise<string> {
  body.on("error", () => {}); // cut off by us, or by them: we have what we wanted
  const chunks: Buffer[] = [];
  let bytes = 0;
  const late = setTimeout(() => body.destroy(), answerMs);
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxAnswerBytes) break; // which destroys it
    }
  } catch {
    // cut off
  } finally {
    clearTimeout(late);
  }
  const text = Buffer.concat(chunks)
    .subarray(0, 4 * keptCharacters)
    .toString();
  return redactText(text).replaceAll(unprintable, " ").slice(0, keptCharacters).trim();
}

const unprintable = /[^\P{C}\n]/gu;

/** Seconds or a date, as RFC 9110 has it. */
function retryAfterOf(header: string | string[] | undefined): number | undefined {
  if (typeof header !== "string") return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - Date.now()) / 1000);
}

// For the merchant's eyes: what he can act upon, and no address that he did not give.
function reasonOf(error: unknown): string {
  if (error instanceof HostRefused) return error.message;
  if (error instanceof Stale) return reasons.ECONNRESET!;
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "no code";
  return reasons[code] ?? `the connection failed (${code})`;
}

const reasons: { readonly [code: string]: string } = {
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was cut before an answer came",
  ETIMEDOUT: "no connection could be made",
  HPE_HEADER_OVERFLOW: "the answer's headers are too large",
  CERT_HAS_EXPIRED: "the certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate is signed by itself only",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the certificate cannot be verified: send those between it and a known authority, too",
  ERR_TLS_CERT_ALTNAME_INVALID: "the certificate is for another host",
};
