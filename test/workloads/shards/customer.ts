import { randomUUID } from "node:crypto";
import { coffee } from "../api/shop.ts";

// biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer is what it checks
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: Record<string, any> };

type Asking = {
  readonly method: string;
  readonly key: string;
  readonly body?: object | undefined;
  readonly headers?: Record<string, string>;
};

export async function ask(url: string, { method, key, body, headers = {} }: Asking): Promise<Answer> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const answer = await fetch(url, { ...sent, method, headers: { authorization: `Bearer ${key}`, ...type, ...headers } });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text.startsWith("{") ? JSON.parse(text) : {} };
}

/** A merchant who pays, remembers what he was promised, and what he was refused. */
export class Customer {
  readonly merchant: string;
  /** The payment's public id, by the key that it was promised under. */
  readonly accepted = new Map<string, string>();
  /** Anything but a promise, as `status code`. */
  readonly refused: string[] = [];
  readonly #api: string;
  readonly #secretKey: string;

  constructor({ api, merchant, secretKey }: { api: string; merchant: string; secretKey: string }) {
    this.#api = api;
    this.merchant = merchant;
    this.#secretKey = secretKey;
  }

  ask(method: string, path: string, { body, headers = {} }: { body?: object; headers?: Record<string, string> } = {}): Promise<Answer> {
    return ask(`${this.#api}${path}`, { method, key: this.#secretKey, body, headers });
  }

  /** The same, at another API. */
  at(api: string): Customer {
    return new Customer({ api, merchant: this.merchant, secretKey: this.#secretKey });
  }

  async pay({ key = randomUUID(), wait = 0 }: { key?: string; wait?: number } = {}): Promise<Answer> {
    const headers = { "idempotency-key": key, ...(wait > 0 && { prefer: `wait=${wait}` }) };
    const answer = await this.ask("POST", "/v1/payments", { body: coffee, headers });
    if (answer.status === 201 || answer.status === 202) this.accepted.set(key, answer.body.id);
    else this.refused.push(`${answer.status} ${answer.body.code}`);
    return answer;
  }

  /** Pays, one after the other, until it is told to stop. */
  paying(): { stop(): Promise<void> } {
    let stopped = false;
    const going = (async () => {
      while (!stopped) {
        await this.pay().catch((error: Error) => void this.refused.push(error.message));
        await new Promise((resolve) => setTimeout(resolve, 40)); // other tests run beside this one
      }
    })();
    return {
      async stop() {
        stopped = true;
        await going;
      },
    };
  }
}
