import { z } from "zod";
import type { Answer } from "../payment/operation.ts";
import type { DeclineCode } from "../payment/payment.ts";
import { type HttpAnswer, httpLine } from "./http-line.ts";
import type { Adapter, Capabilities, Found, NoAnswer, Pending, ProviderCall, Reply } from "./provider.ts";

const capabilities: Capabilities = {
  idempotencyWindowSeconds: Number.POSITIVE_INFINITY,
  storesErrors: false,
  canFind: true,
  findDelaySeconds: 0, // it records before it answers
  manualCapture: true,
  partialRefund: true,
};

/** Speaks to the simulator over at most `connections` lines. */
export function simulatorAdapter({ name, url, connections }: { name: string; url: string; connections: number }): Adapter {
  const line = httpLine({ url, connections });
  return {
    name,
    capabilities,
    async send(call, signal) {
      const answer = await line.ask({ method: "POST", path: "/v1/operations", body: bodyOf(call), signal });
      return answer.kind === "answer" ? replyOf(call, answer) : answer;
    },
    async find(call, signal) {
      const answer = await line.ask({ method: "GET", path: `/v1/operations/${encodeURIComponent(call.key)}`, signal });
      return answer.kind === "answer" ? foundOf(call, answer) : answer;
    },
    close: line.close,
  };
}

function bodyOf({ key, kind, amount, currency, method, parentReference, reference }: ProviderCall): string {
  const isFirst = kind === "charge" || kind === "authorize";
  return JSON.stringify({ key, kind, amount, currency, reference, ...(isFirst ? { token: method?.token } : { parentReference }) });
}

const succeededSchema = z.object({
  ...{ key: z.string(), amount: z.int(), currency: z.string() },
  status: z.literal("succeeded"),
  reference: z.string().min(1),
  fee: z.int().nonnegative(),
  holdSeconds: z.int().positive().optional(),
});
const declinedSchema = z.object({ key: z.string(), status: z.literal("declined"), code: z.string(), reference: z.string().nullable() });
const pendingSchema = z.object({ key: z.string(), status: z.literal("pending") });
const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

function replyOf(call: ProviderCall, answer: HttpAnswer): Reply {
  const body = parsed(answer.text);
  switch (answer.status) {
    case 200:
      return succeededOf(call, body) ?? notUnderstood(answer);
    case 202:
      return pendingOf(call, body) ?? notUnderstood(answer);
    case 402:
      return declinedOf(call, body) ?? notUnderstood(answer);
    default:
      return withoutAnswer(answer, body);
  }
}

function foundOf(call: ProviderCall, answer: HttpAnswer): Found {
  const body = parsed(answer.text);
  switch (answer.status) {
    case 200:
      return succeededOf(call, body) ?? declinedOf(call, body) ?? pendingOf(call, body) ?? notUnderstood(answer);
    case 404: {
      // Only the provider's own word: any proxy on the way can say 404.
      const error = errorSchema.safeParse(body);
      return error.data?.error.code === "never_seen" ? { kind: "never_seen" } : withoutAnswer(answer, body);
    }
    default:
      return withoutAnswer(answer, body);
  }
}

/** Money was moved as we asked. Another amount or another key is somebody else's answer, and nothing that we may book. */
function succeededOf(call: ProviderCall, body: unknown): Answer | undefined {
  const { data } = succeededSchema.safeParse(body);
  if (!data || data.key !== call.key || data.amount !== call.amount || data.currency !== call.currency) return undefined;
  return { kind: "succeeded", providerReference: data.reference, fee: data.fee, holdSeconds: data.holdSeconds };
}

function declinedOf(call: ProviderCall, body: unknown): Answer | undefined {
  const { data } = declinedSchema.safeParse(body);
  if (!data || data.key !== call.key) return undefined;
  return { kind: "declined", code: declineCodes.get(data.code) ?? "refused_by_provider", providerReference: data.reference };
}

function pendingOf(call: ProviderCall, body: unknown): Pending | undefined {
  return pendingSchema.safeParse(body).data?.key === call.key ? { kind: "pending" } : undefined;
}

/** The simulator's codes in our words. */
const declineCodes: ReadonlyMap<string, DeclineCode> = new Map([
  ["card_declined", "card_declined"],
  ["insufficient_funds", "insufficient_funds"],
  ["expired_card", "expired_card"],
  ["stolen_card", "stolen_or_lost_card"],
  ["fraud", "suspected_fraud"],
  ["invalid_token", "invalid_token"],
  ["amount_exceeds_authorized", "amount_not_allowed"],
  ["amount_exceeds_captured", "amount_not_allowed"],
  ["currency_differs", "currency_not_supported"],
]);

function withoutAnswer(answer: HttpAnswer, body: unknown): NoAnswer {
  const { status, retryAfterMs } = answer;
  const error = errorSchema.safeParse(body).data?.error;
  if (status === 429) return { kind: "throttled", retryAfterMs: retryAfterMs ?? 1_000 };
  // A refused request that the provider explains was not done. Anything else may have been, whoever on the way answered.
  if (status >= 400 && status < 500 && error) return { kind: "ours", reason: `HTTP ${status} ${error.code}: ${error.message}` };
  return error ? { kind: "unknown", reason: `HTTP ${status} ${error.code}: ${error.message}` } : notUnderstood(answer);
}

function notUnderstood({ status }: HttpAnswer): NoAnswer {
  return { kind: "unknown", reason: `HTTP ${status} with a body that is not the provider's` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
