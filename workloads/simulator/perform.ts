import { type Behaviour, fateOf } from "./behaviour.ts";
import type { EffectRecord, EffectWriter, StoredOperation } from "./effect-record.ts";
import type { OperationRequest } from "./operation-request.ts";
import type { SimulatorState } from "./simulator-state.ts";
import { type Delivery, type End, laterScriptOf, plain, type Script, scriptOf } from "./tokens.ts";

export type Performed =
  | { readonly kind: "done"; readonly operation: StoredOperation; readonly delivery: Delivery; readonly afterMs: number }
  | { readonly kind: "key_reused" }
  | { readonly kind: "unknown_parent" };

/** Our name of an operation. It holds the key, so that what a later operation builds on is found without another index. */
export const referenceOf = (key: string): string => `sim_${key}`;

/**
 * Does what is asked, unless its key already has an end: then that end is told again. All of it happens in one go, with no other
 * request in between, and the caller answers only when the record is kept.
 */
export function perform(request: OperationRequest, record: EffectRecord, behaviour: Behaviour): Performed {
  const known = record.operation(request.key);
  if (known && !isSame(known, request)) return { kind: "key_reused" };
  if (known?.state === "succeeded" || known?.state === "declined") return done(known, "answer");

  const base = request.parentReference === null ? undefined : baseOf(request.parentReference, record);
  if (request.parentReference !== null && !base) return { kind: "unknown_parent" };

  const tries = known?.tries ?? 0;
  if (known?.state === "pending") return done(known, played(request, base, tries).delivery);
  const script = refusalOf(request, base) ?? disturbed(played(request, base, tries), behaviour, request.key, tries);
  const operation = endedBy(script, request, tries, behaviour);
  record.write((tx) => keep(operation, base, tx, { tellOf: behaviour.eventsOf === "all" }));
  return done(operation, script.delivery, script.afterMs);
}

export type PendingEnd = Extract<End, { state: "succeeded" | "declined" }>;
export type Ended = { readonly kind: "ended"; readonly operation: StoredOperation } | { readonly kind: "not_pending" };

/**
 * Ends an operation that is pending, and sends an event about it. A capture that was on its way when its authorization was let go moves
 * money all the same; but nothing is captured twice, and no refund gives back more than was taken.
 */
export function endPending(key: string, end: PendingEnd, { record, behaviour }: Pick<SimulatorState, "record" | "behaviour">): Ended {
  const known = record.operation(key);
  if (known?.state !== "pending") return { kind: "not_pending" };
  const base = known.parentReference === null ? undefined : baseOf(known.parentReference, record);
  const isOvertaken = known.kind === "refund" || (base !== undefined && base.captured > 0);
  const script = (isOvertaken ? refusalOf(known, base) : undefined) ?? { end, delivery: "answer" };
  const operation = endedBy(script, known, known.tries, behaviour);
  record.write((tx) => keep(operation, base, tx, { tellOf: true }));
  return { kind: "ended", operation };
}

function keep(operation: StoredOperation, base: StoredOperation | undefined, tx: EffectWriter, { tellOf }: { tellOf: boolean }): void {
  tx.put(operation);
  if (operation.state === "succeeded") {
    tx.moved(operation, Date.now());
    if (base) tx.put(builtOn(base, operation));
  }
  if (tellOf && operation.state !== "tried" && operation.state !== "pending") tx.event(operation, Date.now());
}

function done(operation: StoredOperation, delivery: Delivery, afterMs = 0): Performed {
  return { kind: "done", operation, delivery, afterMs };
}

function isSame(known: StoredOperation, request: OperationRequest): boolean {
  return (
    known.kind === request.kind &&
    known.amount === request.amount &&
    known.currency === request.currency &&
    known.token === request.token &&
    known.parentReference === request.parentReference
  );
}

/** The charge or authorization that an operation builds on, be it named itself or by one of its captures. */
function baseOf(reference: string, record: EffectRecord): StoredOperation | undefined {
  const parent = reference.startsWith("sim_") ? record.operation(reference.slice(4)) : undefined;
  if (parent?.state !== "succeeded") return undefined;
  return parent.kind === "capture" ? baseOf(parent.parentReference!, record) : parent;
}

/** What cannot be done to this charge or authorization is declined, as a real provider's books would. */
function refusalOf(request: OperationRequest, base: StoredOperation | undefined): Script | undefined {
  const refused = (code: string): Script => ({ end: { state: "declined", code }, delivery: "answer" });
  if (!base) return undefined;
  if (request.currency !== base.currency) return refused("currency_differs");
  switch (request.kind) {
    case "charge":
    case "authorize":
      return undefined;
    case "capture":
      if (base.kind !== "authorize" || base.closed) return refused("not_capturable");
      return request.amount > base.amount ? refused("amount_exceeds_authorized") : undefined;
    case "void":
    case "expire":
      return base.kind !== "authorize" || base.closed ? refused("not_voidable") : undefined;
    case "refund":
      return base.refunded + request.amount > base.captured ? refused("amount_exceeds_captured") : undefined;
  }
}

const played = ({ token, kind }: OperationRequest, base: StoredOperation | undefined, tries: number): Script =>
  token === null ? laterScriptOf(base?.token ?? null, kind) : scriptOf(token, tries);

/** Only success is disturbed: a token that was chosen for its fault keeps it. */
function disturbed(script: Script, behaviour: Behaviour, key: string, tries: number): Script {
  if (script !== plain) return script;
  switch (fateOf(behaviour, key, tries)) {
    case "plain":
      return plain;
    case "error":
      return { end: { state: "tried" }, delivery: "error" };
    case "lost":
      return { ...plain, delivery: "cut" };
    case "declined":
      return { end: { state: "declined", code: "card_declined" }, delivery: "answer" };
  }
}

function endedBy({ end }: Script, request: OperationRequest, tries: number, behaviour: Behaviour): StoredOperation {
  const takesMoney = end.state === "succeeded" && (request.kind === "charge" || request.kind === "capture");
  return {
    ...request,
    state: end.state,
    code: end.state === "declined" ? end.code : null,
    fee: takesMoney ? feeOf(request.amount, behaviour.feeBasisPoints) : 0,
    tries: end.state === "tried" ? tries + 1 : tries,
    captured: takesMoney && request.kind === "charge" ? request.amount : 0,
    refunded: 0,
    closed: 0,
  };
}

function builtOn(base: StoredOperation, { kind, amount }: StoredOperation): StoredOperation {
  switch (kind) {
    case "charge":
    case "authorize":
      return base;
    case "capture":
      return { ...base, captured: base.captured + amount, closed: 1 }; // what is not captured is let go
    case "refund":
      return { ...base, refunded: base.refunded + amount };
    case "void":
    case "expire":
      return { ...base, closed: 1 };
  }
}

/** Rounded half up, in whole minor units: at most 10^12 × 1000, which a safe integer holds. */
function feeOf(amount: number, basisPoints: number): number {
  return Math.floor((amount * basisPoints + 5_000) / 10_000);
}
