import type pg from "pg";

export type Answer = { readonly status: number; readonly headers: Headers; readonly text: string; readonly body: Json };
// biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer is what it checks
export type Json = Record<string, any>;

type ShopOf = { url: string; simulatorUrl: string; rows: pg.Pool; id: string; bucket: number; secretKey: string; liveKey: string };
export type Sent = { key?: string | undefined; headers?: Record<string, string>; secretKey?: string; signal?: AbortSignal };

/** 350 baht, as a merchant sends it. */
export const coffee = { amount: 35_000, currency: "THB", method: { type: "card", token: "tok_visa" } };

/** A merchant, what he asks over HTTP, and what became of it: his rows, and his effects at the provider. */
export class Shop {
  readonly #of: ShopOf;

  constructor(of: ShopOf) {
    this.#of = of;
  }

  get id(): string {
    return this.#of.id;
  }

  get secretKey(): string {
    return this.#of.secretKey;
  }

  get liveKey(): string {
    return this.#of.liveKey;
  }

  /** `POST /v1/payments`; text and bytes are sent as they are. */
  pay(body: unknown, { key, headers = {}, ...more }: Sent = {}): Promise<Answer> {
    const asIs = typeof body === "string" || body instanceof Uint8Array;
    return this.ask("/v1/payments", {
      method: "POST",
      body: asIs ? (body as string) : JSON.stringify(body),
      headers: { "content-type": "application/json", ...(key === undefined ? {} : { "idempotency-key": key }), ...headers },
      ...more,
    });
  }

  async ask(
    path: string,
    { headers = {}, secretKey = this.secretKey, ...init }: RequestInit & Sent & { headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const answer = await fetch(`${this.#of.url}${path}`, { ...init, headers: { authorization: `Bearer ${secretKey}`, ...headers } });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, body: text.startsWith("{") ? JSON.parse(text) : {} };
  }

  async count(table: "payments" | "operations" | "idempotency_keys" | "events"): Promise<number> {
    const { bucket, id } = this.#of;
    const { rows } = await this.#of.rows.query(`select count(*)::int as n from satang.${table} where bucket = $1 and merchant_id = $2`, [
      bucket,
      id,
    ]);
    return rows[0].n;
  }

  /** How often money moved for each operation of his; the ones for which it did not are not there. */
  async effects(): Promise<number[]> {
    const { bucket, id } = this.#of;
    const { rows } = await this.#of.rows.query("select id from satang.operations where bucket = $1 and merchant_id = $2", [bucket, id]);
    const found = await Promise.all(rows.map((row) => this.#effect(row.id)));
    return found.map((effect) => effect.count as number).filter((count) => count > 0);
  }

  async #effect(operationId: string): Promise<Json> {
    const answer = await fetch(`${this.#of.simulatorUrl}/v1/effects/${operationId}`);
    const effect = (await answer.json()) as Json;
    if (!answer.ok || effect.key !== operationId) throw new Error(`the simulator says ${answer.status} ${JSON.stringify(effect)}`);
    return effect;
  }
}
