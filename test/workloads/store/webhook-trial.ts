import type { Store, Tenant } from "../../../workloads/store/store.ts";
import type { ClaimedDelivery, EndpointFields, Told, WebhookEndpoint } from "../../../workloads/store/webhooks.ts";
import { startDatabase, type TestDatabase } from "./database.ts";
import { paid } from "./paid.ts";

export const by = { keyId: null, requestId: "req_1" };
export const secret = Buffer.alloc(32, 7);

/** An attempt, and what is told of a delivery whose attempt failed, or did not. */
export const attempt = { statusCode: 500, error: "it answered 500", answer: "no", durationMs: 12 };
export const failed: Told = {
  state: "queued",
  delaySeconds: 0,
  reason: attempt.error,
  attempt,
  endpoint: { is: "failing", waitSeconds: 0 },
};
export const delivered: Told = {
  state: "succeeded",
  delaySeconds: 0,
  reason: null,
  attempt: { ...attempt, statusCode: 200, error: null },
  endpoint: { is: "well" },
};

type Row = { id: string; state: string; event_id: string; endpoint_id: string; tries: number; due_in: number; last_error: string | null };

/** A database with a store for each role, and what tests of deliveries and endpoints do to it. */
export class WebhookTrial implements AsyncDisposable {
  readonly database: TestDatabase;
  readonly api: Store;
  readonly worker: Store;
  readonly dispatcher: Store;

  static async start(): Promise<WebhookTrial> {
    return new WebhookTrial(await startDatabase());
  }

  private constructor(database: TestDatabase) {
    this.database = database;
    this.api = database.as("api");
    this.worker = database.as("worker");
    this.dispatcher = database.as("dispatcher");
  }

  async endpointOf(tenant: Tenant, fields: Partial<EndpointFields> = {}): Promise<WebhookEndpoint> {
    const usual = { url: "https://shop.example/hooks", description: null, eventTypes: null };
    return (await this.api.webhooks.createEndpoint(tenant, { ...usual, ...fields }, secret, by))!;
  }

  async endpointRow({ id }: WebhookEndpoint) {
    const sql = "select *, extract(epoch from paused_until - now())::float8 as paused_for from satang.webhook_endpoints where id = $1";
    return (await this.database.owner.query(sql, [id])).rows[0];
  }

  pay(tenant: Tenant) {
    return paid(tenant, this);
  }

  async deliveriesOf({ bucket, merchantId }: Tenant): Promise<Row[]> {
    const sql = `select id, state, event_id, endpoint_id, tries, last_error, extract(epoch from due_at - now())::float8 as due_in
      from satang.operations where kind = 'deliver' and bucket = $1 and merchant_id = $2 order by id`;
    return (await this.database.owner.query(sql, [bucket, merchantId])).rows;
  }

  /** Throws when another worker holds it. */
  async claimed(tenant: Tenant, nth = 0): Promise<ClaimedDelivery> {
    const { id } = (await this.deliveriesOf(tenant))[nth]!;
    const delivery = await this.worker.webhooks.claim({ ...tenant, id });
    if (!delivery) throw new Error("not claimed");
    return delivery;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database[Symbol.asyncDispose]();
  }
}
