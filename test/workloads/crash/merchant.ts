import { Agent, request } from "undici";

/** What a merchant was told. `undefined`: the connection broke, or nothing came in time, and he knows nothing. */
export type Told = { readonly status: number; readonly payment: { id: string; status: string }; readonly retryAfterMs: number };

/** A merchant's server: it asks, and asks again under the same key until it knows. */
export interface Merchant {
  /** One request, without a second try. */
  pay(key: string, token?: string): Promise<Told | undefined>;
  /** Asks under this key until the payment is accepted, and returns its id. Gives up, and throws, after `withinSeconds` (default 60). */
  insist(key: string, options?: { token?: string; withinSeconds?: number }): Promise<string>;
  get(paymentId: string): Promise<Told | undefined>;
  /** Asks for 100.00 THB of a payment back: one request, without a second try. What is told is the refund. */
  refund(paymentId: string, key: string): Promise<Told | undefined>;
  /** Makes something else, and answers with it; throws when it is refused. */
  post<Made>(path: string, body: object): Promise<Made>;
  /** How often each payment that was accepted was asked for, by key. */
  readonly accepted: ReadonlyMap<string, string>;
  /** Requests that ended in a broken connection, a 429 or a 5xx. */
  readonly repeats: () => number;
  close(): Promise<void>;
}

const requestMs = 10_000;
const restMs = 100;

export function merchant({ url, secretKey }: { url: string; secretKey: string }): Merchant {
  const dispatcher = new Agent({ connections: 64, keepAliveTimeout: 10_000 });
  const accepted = new Map<string, string>();
  let repeats = 0;

  async function ask(path: string, init: { method: "GET" | "POST"; headers?: Record<string, string>; body?: string }) {
    try {
      const headers = { authorization: `Bearer ${secretKey}`, ...init.headers };
      const answer = await request(`${url}${path}`, { ...init, headers, dispatcher, signal: AbortSignal.timeout(requestMs) });
      const payment = (await answer.body.json()) as Told["payment"];
      return { status: answer.statusCode, payment, retryAfterMs: 1000 * Number(answer.headers["retry-after"] ?? 0) };
    } catch {
      return undefined;
    }
  }

  async function pay(key: string, token = "tok_visa"): Promise<Told | undefined> {
    const body = JSON.stringify({ amount: 35_000, currency: "THB", method: { type: "card", token } });
    const told = await ask("/v1/payments", {
      method: "POST",
      headers: { "idempotency-key": key, "content-type": "application/json" },
      body,
    });
    if (told && told.status < 300) remember(key, told.payment.id);
    return told;
  }

  function remember(key: string, id: string): void {
    const before = accepted.get(key);
    if (before !== undefined && before !== id) throw new Error(`key ${key} made payment ${before}, and then ${id}`);
    accepted.set(key, id);
  }

  return {
    pay,
    async insist(key, { token, withinSeconds = 60 } = {}) {
      const until = performance.now() + withinSeconds * 1000;
      for (;;) {
        const told = await pay(key, token);
        if (told && told.status < 300) return told.payment.id;
        if (told && told.status < 500 && told.status !== 429) throw new Error(`${key}: ${told.status} ${JSON.stringify(told.payment)}`);
        if (performance.now() > until) throw new Error(`${key}: not accepted in ${withinSeconds} s, last answer ${told?.status ?? "none"}`);
        repeats += 1;
        await new Promise((resolve) => setTimeout(resolve, Math.max(restMs, told?.retryAfterMs ?? 0) * (0.5 + Math.random())));
      }
    },
    refund: (id, key) =>
      ask(`/v1/payments/${id}/refunds`, {
        method: "POST",
        headers: { "idempotency-key": key, "content-type": "application/json" },
        body: JSON.stringify({ amount: 10_000 }),
      }),
    get: (id) => ask(`/v1/payments/${id}`, { method: "GET" }),
    async post<Made>(path: string, body: object) {
      const headers = { authorization: `Bearer ${secretKey}`, "content-type": "application/json" };
      const answer = await request(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body), dispatcher });
      if (answer.statusCode >= 300) throw new Error(`${answer.statusCode} ${await answer.body.text()}`);
      return (await answer.body.json()) as Made;
    },
    accepted,
    repeats: () => repeats,
    close: () => dispatcher.destroy(),
  };
}
