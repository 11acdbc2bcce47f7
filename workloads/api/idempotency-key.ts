import type { IncomingMessage } from "node:http";
import { holdsCardNumber } from "./card-number.ts";
import { Refusal } from "./problem.ts";

/** The key of a request that moves money, from its `Idempotency-Key` header: bare, or quoted as the IETF draft has it. */
export function idempotencyKeyOf(request: IncomingMessage): string {
  const sent = request.headers["idempotency-key"];
  if (sent === undefined || sent === "") {
    const detail =
      "Send an Idempotency-Key header, new for each payment (a UUID, or your order number), and the same one when you repeat a request.";
    throw new Refusal({ code: "idempotency_key_required", detail });
  }
  // Node joins repeated headers by a comma and a blank.
  if (Array.isArray(sent) || (sent.includes(", ") && request.headersDistinct["idempotency-key"]!.length > 1))
    throw invalid("Send it once.");
  return checkedKey(sent.startsWith('"') ? unquoted(sent) : sent);
}

/** The key, if it may be one. */
export function checkedKey(key: string): string {
  if (!printable.test(key)) throw invalid("It has 1 to 255 printable ASCII characters.");
  if (holdsCardNumber(key))
    throw new Refusal({ code: "pan_not_allowed", detail: "The Idempotency-Key holds a card number. Use a random key." });
  return key;
}

const printable = /^[\x20-\x7e]{1,255}$/;

function unquoted(sent: string): string {
  const inside = /^"((?:[^"\\]|\\["\\])*)"$/.exec(sent)?.[1];
  if (inside === undefined) throw invalid("It begins with a quote that is not closed.");
  return inside.replace(/\\(["\\])/g, "$1");
}

function invalid(detail: string): Refusal {
  return new Refusal({ code: "idempotency_key_invalid", detail: `This Idempotency-Key cannot be taken. ${detail}` });
}
