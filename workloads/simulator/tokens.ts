import type { Kind } from "./operation-request.ts";

/** How a call ends. `tried`: nothing happened, and a later call of the same key may still end otherwise. `pending`: whoever is told to ends it. */
export type End = { state: "succeeded" } | { state: "declined"; code: string } | { state: "pending" } | { state: "tried" };

/** How the caller hears of it: an answer, a 500, a 429, a connection that hangs until the caller goes, or one that is cut. */
export type Delivery = "answer" | "error" | "throttle" | "hang" | "cut";

export type Script = { readonly end: End; readonly delivery: Delivery; readonly afterMs?: number };

const succeeded: End = { state: "succeeded" };
const tried: End = { state: "tried" };
const declined = (code: string): Script => ({ end: { state: "declined", code }, delivery: "answer" });
const pending: Script = { end: { state: "pending" }, delivery: "answer" };
const lost: Script = { end: succeeded, delivery: "cut" };

/** The script of success: the only one that `PUT /v1/behaviour` disturbs. */
export const plain: Script = { end: succeeded, delivery: "answer" };

type Play = (tries: number) => Script;
const always =
  (script: Script): Play =>
  () =>
    script;
const atFirst =
  (script: Script): Play =>
  (tries) =>
    tries === 0 ? script : plain;

/** What each token does. `tries` counts earlier calls of the key that had no effect. */
const plays: ReadonlyMap<string, Play> = new Map([
  ["tok_visa", always(plain)],
  ["tok_mastercard", always(plain)],
  ["tok_declined", always(declined("card_declined"))],
  ["tok_insufficient_funds", always(declined("insufficient_funds"))],
  ["tok_expired_card", always(declined("expired_card"))],
  ["tok_stolen_card", always(declined("stolen_card"))],
  ["tok_fraud", always(declined("fraud"))],
  ["tok_timeout", always({ end: succeeded, delivery: "hang" })], // takes the money and never says so; a look-up does
  ["tok_unknown_then_ok", always(lost)], // takes the money, and the line breaks
  ["tok_pending", always(pending)],
  ["tok_never_known", always({ end: { state: "pending" }, delivery: "hang" })], // nobody will ever tell
  ["tok_slow", always({ end: succeeded, delivery: "answer", afterMs: 3_000 })],
  ["tok_error_500", always({ end: tried, delivery: "error" })],
  ["tok_error_once", atFirst({ end: tried, delivery: "error" })],
  ["tok_rate_limited", atFirst({ end: tried, delivery: "throttle" })],
]);

/** Tokens that are good for a charge or an authorization, and show what they are for when it is captured, let go or refunded. */
const laterPlays: ReadonlyMap<string, { readonly [kind in Kind]?: Script }> = new Map([
  ["tok_capture_declined", { capture: declined("capture_refused") }],
  ["tok_capture_unknown_then_ok", { capture: lost }],
  ["tok_capture_pending", { capture: pending }],
  ["tok_void_declined", { void: declined("void_refused") }],
  ["tok_refund_declined", { refund: declined("refund_refused") }],
  ["tok_refund_unknown_then_ok", { refund: lost }],
  ["tok_refund_pending", { refund: pending }],
]);

export const tokens: readonly string[] = [...plays.keys(), ...laterPlays.keys()];

/** What a token makes of a charge or an authorization; a token that nobody issued is declined. */
export function scriptOf(token: string, tries: number): Script {
  return laterPlays.has(token) ? plain : (plays.get(token)?.(tries) ?? declined("invalid_token"));
}

/** What the token of a charge or an authorization makes of an operation that builds on it. */
export function laterScriptOf(token: string | null, kind: Kind): Script {
  return (token === null ? undefined : laterPlays.get(token)?.[kind]) ?? plain;
}
