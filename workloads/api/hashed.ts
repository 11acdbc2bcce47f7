import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Answer } from "./endpoint.ts";
import { matches } from "./if-none-match.ts";

/**
 * Answers with a text and the hash over its bytes (`Content-Digest`, RFC 9530), which is its ETag too: 304 for who has it. It may be kept, but
 * not used without asking.
 */
export function hashed({ headers }: IncomingMessage, text: string, given: Readonly<Record<string, string>>): Answer {
  const digest = hash("sha256", text, "base64");
  const etag = `"${digest}"`;
  const kept = { ...given, etag, "cache-control": "private, no-cache", vary: "authorization, accept" };
  if (matches(headers["if-none-match"], etag)) {
    const { "content-type": _, ...without } = kept as Record<string, string>;
    return { status: 304, headers: without };
  }
  return { status: 200, headers: { ...kept, "content-digest": `sha-256=:${digest}:` }, text };
}

/** The same for what is written as JSON. */
export function hashedJson(request: IncomingMessage, body: object, headers: Readonly<Record<string, string>>): Answer {
  return hashed(request, JSON.stringify(body), { ...headers, "content-type": "application/json" });
}
