import { ReadRefused } from "../store/read-refused.ts";
import { StoreUnavailable } from "../store/store.ts";

/** Every way in which the API says no, and the one place where a code gets its status. Each is explained in docs/errors.md. */
export const problems = {
  request_malformed: { status: 400, title: "This is not an HTTP request that we can read" },
  request_timeout: { status: 408, title: "The request did not arrive in time" },
  headers_too_large: { status: 431, title: "The headers are too large" },
  expectation_failed: { status: 417, title: "The expectation cannot be met" },
  route_not_found: { status: 404, title: "There is nothing at this path" },
  method_not_allowed: { status: 405, title: "This path does not take this method" },

  api_key_missing: { status: 401, title: "An API key is needed" },
  api_key_invalid: { status: 401, title: "This API key is not valid" },
  api_key_expired: { status: 401, title: "This API key has expired" },
  api_key_revoked: { status: 401, title: "This API key was revoked" },
  api_key_wrong_mode: { status: 401, title: "This API key is of the other mode" },
  merchant_disabled: { status: 403, title: "This merchant is disabled" },
  scope_missing: { status: 403, title: "This restricted key may not do that" },
  admin_key_required: { status: 403, title: "Only the admin key may do that" },
  merchant_key_required: { status: 403, title: "Only a merchant's key may do that" },

  content_type_unsupported: { status: 415, title: "Only JSON is taken" },
  content_encoding_unsupported: { status: 415, title: "Compressed bodies are not taken" },
  body_too_large: { status: 413, title: "The body is too large" },
  body_not_utf8: { status: 400, title: "The body is not UTF-8" },
  body_not_an_object: { status: 400, title: "The body must be a JSON object" },
  malformed_json: { status: 400, title: "The body is not JSON" },

  idempotency_key_required: { status: 400, title: "An Idempotency-Key is needed" },
  idempotency_key_invalid: { status: 400, title: "This Idempotency-Key is not valid" },
  idempotency_key_reused: { status: 422, title: "This Idempotency-Key was used for another request" },
  idempotency_key_not_found: { status: 404, title: "This Idempotency-Key was never used" },

  pan_not_allowed: { status: 400, title: "Card numbers are not taken" },
  parameter_missing: { status: 400, title: "A field is missing" },
  parameter_invalid: { status: 400, title: "A field has a value that is not allowed" },
  parameter_unknown: { status: 400, title: "There is no such field" },

  cursor_invalid: { status: 400, title: "This cursor is not of this list" },
  consistency_token_invalid: { status: 400, title: "This Consistency-Token is not valid" },
  event_not_found: { status: 404, title: "There is no such event" },
  report_too_large: { status: 400, title: "The report would be too large" },
  replica_behind: { status: 503, title: "No replica is as fresh as asked" },
  readers_busy: { status: 503, title: "As many lists and reports are being read as may be" },
  read_too_slow: { status: 503, title: "The read took too long" },
  payment_outcome_unknown: { status: 409, title: "Nobody knows yet what the provider did" },
  operation_in_progress: { status: 409, title: "Another operation is under way" },
  payment_not_capturable: { status: 409, title: "This payment cannot be captured" },
  payment_not_cancelable: { status: 409, title: "This payment cannot be canceled" },
  payment_not_refundable: { status: 409, title: "This payment cannot be refunded" },
  amount_too_large: { status: 422, title: "That is more than there is" },
  refund_not_found: { status: 404, title: "There is no such refund" },
  payment_not_found: { status: 404, title: "There is no such payment" },
  provider_not_found: { status: 404, title: "No such provider sends events here" },
  provider_event_invalid: { status: 401, title: "This is no event of this provider" },
  merchant_not_found: { status: 404, title: "There is no such merchant" },
  api_key_not_found: { status: 404, title: "There is no such API key" },
  api_key_not_active: { status: 409, title: "This API key works no more" },
  webhook_endpoint_not_found: { status: 404, title: "There is no such webhook endpoint" },
  webhook_endpoint_limit: { status: 409, title: "There are as many webhook endpoints as may be" },
  webhook_endpoint_disabled: { status: 409, title: "This webhook endpoint is disabled" },
  delivery_not_found: { status: 404, title: "There is no such delivery" },
  rate_limit_exceeded: { status: 429, title: "Too many requests in this second" },
  too_many_in_flight: { status: 429, title: "Too many requests at once" },
  over_fair_share: { status: 429, title: "Others wait as well" },
  overloaded: { status: 503, title: "There is more to do than can be done" },
  store_unavailable: { status: 503, title: "The store cannot be reached" },
  internal_error: { status: 500, title: "Something went wrong on our side" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** One thing that is wrong with a request; `param` is the path of a field, like `method.token`. */
export type Fault = { readonly code: ProblemCode; readonly detail: string; readonly param?: string };

/** A request that is not served. The detail says what to do about it, and never repeats what the client sent unless that is harmless. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: ProblemCode;
  readonly param: string | undefined;
  readonly faults: readonly Fault[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(fault: Fault, { faults = [], headers = {} }: { faults?: readonly Fault[]; headers?: Record<string, string> } = {}) {
    super(fault.detail);
    this.code = fault.code;
    this.param = fault.param;
    this.faults = faults;
    this.headers = headers;
  }
}

/** What an error means to the client. Anything that we did not foresee is our fault, and says nothing about itself. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof StoreUnavailable) {
    const detail =
      "Nothing was decided without the store. Send the same request again, with the same Idempotency-Key, after Retry-After seconds.";
    return new Refusal({ code: "store_unavailable", detail }, { headers: { "retry-after": "1" } });
  }
  if (error instanceof ReadRefused) {
    const { code, detail, retryAfter } = readRefusals[error.why];
    return new Refusal({ code, detail }, { headers: { "retry-after": retryAfter } });
  }
  const detail =
    "Send the same request again, with the same Idempotency-Key: it is done at most once. If it stays, give us the request_id.";
  return new Refusal({ code: "internal_error", detail }, { headers: { "retry-after": "5" } });
}

const readRefusals: { readonly [why in ReadRefused["why"]]: { code: ProblemCode; detail: string; retryAfter: string } } = {
  behind: {
    code: "replica_behind",
    detail: "The replicas have not come as far as the Consistency-Token, or are too far behind. Ask again after Retry-After seconds.",
    retryAfter: "2",
  },
  busy: { code: "readers_busy", detail: "Ask again after Retry-After seconds, with fewer at a time.", retryAfter: "1" },
  slow: { code: "read_too_slow", detail: "Ask for a shorter period, or with fewer filters.", retryAfter: "30" },
};

/** The body of a refusal: RFC 9457 with a stable `code`, the field it is about, and where it is explained: at this API, `publicUrl`. */
export function problemBody(refusal: Refusal, requestId: string, publicUrl: string): Record<string, unknown> {
  const { status, title } = problems[refusal.code];
  const explained = `${publicUrl}/docs/errors#${refusal.code}`;
  return {
    type: explained,
    title,
    status,
    detail: refusal.message,
    code: refusal.code,
    param: refusal.param,
    request_id: requestId,
    doc_url: explained,
    errors: refusal.faults.length > 1 ? refusal.faults : undefined,
  };
}
