import { z } from "zod";
import { type Behaviour, latencyOf } from "./behaviour.ts";
import type { StoredOperation } from "./effect-record.ts";
import { keySchema, operationRequestSchema } from "./operation-request.ts";
import { endPending, type PendingEnd, type Performed, perform, referenceOf } from "./perform.ts";
import { type Reply, refusal } from "./reply.ts";
import type { SimulatorState } from "./simulator-state.ts";
import { refusedBody } from "./validation.ts";

/** `POST /v1/operations`: does it once for its key, and lets the caller know, or not. */
export function postOperation(body: unknown, keyInHeader: string | undefined, state: SimulatorState): Reply {
  const turnedAway = turnAway(state);
  if (turnedAway) return turnedAway;
  const parsed = operationRequestSchema.safeParse(body);
  if (!parsed.success) return refusedBody(body, parsed.error);
  const { key: keyInBody, ...asked } = parsed.data;
  const key = oneKey(keyInBody, keyInHeader);
  if ("problem" in key) return refusal(400, { code: "invalid_key", message: key.problem, param: "key" });
  const { kind, amount, currency } = asked;
  const token = "token" in asked ? asked.token : null;
  const parentReference = "parentReference" in asked ? asked.parentReference : null;
  const { reference = null } = asked;
  const performed = perform({ key: key.key, kind, amount, currency, token, parentReference, reference }, state.record, state.behaviour);
  return replyOf(performed, state.behaviour, latencyOf(state.behaviour, key.key));
}

/** `GET /v1/operations/{key}`: what is known of it. */
export function getOperation(key: string, state: SimulatorState): Reply {
  const turnedAway = turnAway(state);
  if (turnedAway) return turnedAway;
  const known = state.record.operation(key);
  const afterMs = latencyOf(state.behaviour, key);
  if (known && known.state !== "tried") return { kind: "answer", status: 200, body: shown(known, state.behaviour), afterMs };
  return { ...refusal(404, { code: "never_seen", message: "no operation was done or begun under this key" }), afterMs };
}

const endSchema = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("succeeded") }),
  z.strictObject({ status: z.literal("declined"), code: z.string().min(1).max(100).default("card_declined") }),
]);

/** `POST /v1/operations/{key}/end`: what the bank, or the payer, does after a while. */
export function postEnd(key: string, body: unknown, state: SimulatorState): Reply {
  const end = endSchema.safeParse(body);
  if (!end.success) return refusedBody(body, end.error);
  const { status, ...rest } = end.data;
  const ended = endPending(key, { state: status, ...rest } as PendingEnd, state);
  if (ended.kind === "ended") return { kind: "answer", status: 200, body: shown(ended.operation, state.behaviour) };
  return refusal(409, { code: "not_pending", message: "no operation is pending under this key", param: "key" });
}

function replyOf(performed: Performed, behaviour: Behaviour, latencyMs: number): Reply {
  switch (performed.kind) {
    case "key_reused":
      return refusal(409, { code: "key_reused", message: "this key was used for another operation; nothing was done", param: "key" });
    case "unknown_parent":
      return refusal(400, { code: "unknown_parent", message: "no succeeded operation has this reference", param: "parentReference" });
    case "done": {
      const { operation, delivery } = performed;
      const afterMs = latencyMs + performed.afterMs;
      switch (delivery) {
        case "answer":
          return { kind: "answer", status: statusOf(operation), body: shown(operation, behaviour), afterMs };
        case "error":
          return { ...refusal(500, { code: "internal_error", message: "the provider failed; nothing was done" }), afterMs };
        case "throttle":
          return throttled(1_000);
        case "cut":
          return { kind: "cut", afterMs };
        case "hang":
          return { kind: "hang" };
      }
    }
  }
}

function statusOf({ state }: StoredOperation): number {
  switch (state) {
    case "succeeded":
      return 200;
    case "declined":
      return 402;
    case "pending":
    case "tried":
      return 202;
  }
}

/** The key may come in the body or as a header; two that differ are a mistake that must not be guessed away. */
function oneKey(inBody: string | undefined, inHeader: string | undefined): { key: string } | { problem: string } {
  if (inHeader === undefined) {
    return inBody === undefined ? { problem: "a key is required, as `key` or as the header Idempotency-Key" } : { key: inBody };
  }
  if (inBody !== undefined) return inBody === inHeader ? { key: inBody } : { problem: "`key` and the header Idempotency-Key differ" };
  const parsed = keySchema.safeParse(inHeader);
  return parsed.success ? { key: parsed.data } : { problem: `Idempotency-Key ${parsed.error.issues[0]!.message}` };
}

function turnAway({ behaviour, limit }: SimulatorState): Reply | undefined {
  if (behaviour.down) return { kind: "cut" };
  const over = limit?.take(performance.now());
  return over && throttled(over.retryAfterMs);
}

function throttled(retryAfterMs: number): Reply {
  const seconds = String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
  return refusal(429, { code: "rate_limited", message: `too many calls; come back in ${seconds} s` }, { "retry-after": seconds });
}

function shown({ key, kind, state: status, amount, currency, fee, code }: StoredOperation, { holdSeconds }: Behaviour): object {
  const money = { key, kind, amount, currency };
  switch (status) {
    case "succeeded":
      return { ...money, status, reference: referenceOf(key), fee, ...(kind === "authorize" && { holdSeconds }) };
    case "declined":
      return { ...money, status, reference: referenceOf(key), code };
    case "pending":
    case "tried":
      return { ...money, status };
  }
}
