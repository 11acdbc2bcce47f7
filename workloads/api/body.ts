import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { holdsCardNumber, unescapedJson } from "./card-number.ts";
import { Refusal } from "./problem.ts";

export const maxBodyBytes = 64 * 1024;
// What is beyond the limit is read and forgotten up to here, so that the client gets to read why; then the line is cut.
const maxForgottenBytes = 1024 * 1024;

/** The client went away before its request was complete: nobody waits for an answer. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
}

/** Refuses, before a byte of it is read, a body that would not be taken. */
export function checkBodyHeaders({ headers }: IncomingMessage): void {
  const type = headers["content-type"];
  if (type === undefined && (headers["content-length"] ?? "0") === "0" && headers["transfer-encoding"] === undefined) return; // there is none
  if (type === undefined || !json.test(type)) {
    throw new Refusal({ code: "content_type_unsupported", detail: "Send JSON with Content-Type: application/json, in UTF-8." });
  }
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    throw new Refusal({ code: "content_encoding_unsupported", detail: "Send the body as it is, without Content-Encoding." });
  }
}

const json = /^application\/json\s*(;\s*charset\s*=\s*"?utf-?8"?\s*)?;?$/i;

/** The whole body, at most 64 KiB. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBodyBytes) chunks.push(chunk);
      else chunks.length = 0;
      if (bytes > maxForgottenBytes) reject(tooLarge());
    });
    request.on("end", () => {
      if (bytes > maxBodyBytes) reject(tooLarge());
      else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    request.on("close", () => {
      if (!request.complete) reject(new ClientGone("the request was cut off"));
    });
  });
}

function tooLarge(): Refusal {
  const detail = `A body may have ${maxBodyBytes} bytes. What is bigger belongs in a store of yours, with its id in metadata.`;
  return new Refusal({ code: "body_too_large", detail }, { headers: { connection: "close" } });
}

/** The JSON object that a body holds; `orNothing`: no body at all is an empty one. Refuses anything else, and card numbers wherever they stand in it. */
export function jsonObjectOf(body: Buffer, { orNothing = false } = {}): object {
  if (orNothing && body.length === 0) return {};
  if (!isUtf8(body)) throw new Refusal({ code: "body_not_utf8", detail: "The body holds bytes that are not UTF-8. Encode it as UTF-8." });
  const text = body.toString();
  refuseCardNumbers(text);
  const value = parsed(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new Refusal({ code: "body_not_an_object", detail: 'Send a JSON object like {"amount": 35000, "currency": "THB", …}.' });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message would repeat part of the body.
    const detail = text === "" ? "The body is empty. Send a JSON object." : "The body is not JSON. Check quotes and commas.";
    throw new Refusal({ code: "malformed_json", detail });
  }
}

function refuseCardNumbers(text: string): void {
  if (!holdsCardNumber(unescapedJson(text))) return;
  const detail =
    "The body holds a card number. Send the token that the provider made of it; card numbers must not reach this API, in any field.";
  throw new Refusal({ code: "pan_not_allowed", detail });
}
