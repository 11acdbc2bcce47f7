import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newUuid } from "../../../workloads/payment/id.ts";
import type { Store, Tenant } from "../../../workloads/store/store.ts";
import type { ClaimedDelivery, EndpointFields, Told, WebhookEndpoint } from "../../../workloads/store/webhooks.ts";
import { startDatabase, type TestDatabase } from "./database.ts";
import { paid } from "./paid.ts";

let database: TestDatabase;
let [api, worker, dispatcher]: Store[] = [];
beforeAll(async () => {
  database = await startDatabase();
  [api, worker, dispatcher] = (["api", "worker", "dispatcher"] as const).map((role) => database.as(role));
});
afterAll(() => database[Symbol.asyncDispose]());

const by = { keyId: null, requestId: "req_1" };
const secret = Buffer.alloc(32, 7);

async function endpointOf(tenant: Tenant, fields: Partial<EndpointFields> = {}): Promise<WebhookEndpoint> {
  const usual = { url: "https://shop.example/hooks", description: null, eventTypes: null };
  return (await api!.webhooks.createEndpoint(tenant, { ...usual, ...fields }, secret, by))!;
}
const pay = (tenant: Tenant) => paid(tenant, { api: api!, worker: worker! });

type Row = { id: string; state: string; event_id: string; endpoint_id: string; tries: number; due_in: number; last_error: string | null };
async function deliveriesOf({ bucket, merchantId }: Tenant): Promise<Row[]> {
  const sql = `select id, state, event_id, endpoint_id, tries, last_error, extract(epoch from due_at - now())::float8 as due_in
    from satang.operations where kind = 'deliver' and bucket = $1 and merchant_id = $2 order by id`;
  return (await database.owner.query(sql, [bucket, merchantId])).rows;
}
async function claimed(tenant: Tenant, nth = 0): Promise<ClaimedDelivery> {
  const { id } = (await deliveriesOf(tenant))[nth]!;
  const delivery = await worker!.webhooks.claim({ ...tenant, id });
  if (!delivery) throw new Error("not claimed");
  return delivery;
}
const attempt = { statusCode: 500, error: "it answered 500", answer: "no", durationMs: 12 };
const failed: Told = { state: "queued", delaySeconds: 0, reason: attempt.error, attempt, endpoint: { is: "failing", waitSeconds: 0 } };
const delivered: Told = {
  state: "succeeded",
  delaySeconds: 0,
  reason: null,
  attempt: { ...attempt, statusCode: 200, error: null },
  endpoint: { is: "well" },
};
async function endpointRow({ id }: WebhookEndpoint) {
  const sql = "select *, extract(epoch from paused_until - now())::float8 as paused_for from satang.webhook_endpoints where id = $1";
  return (await database.owner.query(sql, [id])).rows[0];
}

describe("the commit that settles a payment", () => {
  test("makes one delivery of its event to each endpoint that asked for it", async () => {
    const tenant = await database.tenant();
    const all = await endpointOf(tenant);
    const some = await endpointOf(tenant, { eventTypes: ["payment.succeeded"] });
    await endpointOf(tenant, { eventTypes: ["payment.failed"] });
    const disabled = await endpointOf(tenant);
    await api!.webhooks.changeEndpoint(tenant, disabled.id, { enabled: false }, by);
    await endpointOf({ ...tenant, mode: "live" });
    await endpointOf(await database.tenant());

    await pay(tenant);

    const deliveries = await deliveriesOf(tenant);
    expect(deliveries.map((delivery) => delivery.endpoint_id).toSorted()).toEqual([all.id, some.id].toSorted());
    const { rows: events } = await database.owner.query("select id from satang.events where merchant_id = $1", [tenant.merchantId]);
    expect(new Set(deliveries.map((delivery) => delivery.event_id))).toEqual(new Set(events.map(({ id }) => id)));
    for (const { state, tries, id, event_id } of deliveries) {
      expect({ state, tries }).toEqual({ state: "queued", tries: 0 });
      expect(id.slice(0, 18)).toBe(event_id.slice(0, 18)); // it lies in time where its event does
    }
  });

  test("makes none for a merchant without endpoints", async () => {
    const tenant = await database.tenant();
    await pay(tenant);

    expect(await deliveriesOf(tenant)).toEqual([]);
  });

  test("is the only way to a delivery of that event to that endpoint", async () => {
    const tenant = await database.tenant();
    await endpointOf(tenant);
    await pay(tenant);
    const { rows } = await database.owner.query(
      "select satang.derived_id(event_id, endpoint_id::text) = id as same from satang.operations where kind = 'deliver' and merchant_id = $1",
      [tenant.merchantId],
    );

    expect(rows).toEqual([{ same: true }]);
  });
});

describe("a delivery", () => {
  test("is claimed with all that it is made from, by one worker", async () => {
    const tenant = await database.tenant();
    const endpoint = await endpointOf(tenant, { url: "https://shop.example/other" });
    const { payment, operation } = await pay(tenant);

    const delivery = await claimed(tenant);

    expect(delivery).toMatchObject({
      attempt: 1,
      tries: 0,
      event: { type: "payment.succeeded", mode: "test", paymentId: payment.id, operationId: operation.id, data: { status: "succeeded" } },
      endpoint: { id: endpoint.id, url: endpoint.url, eventVersion: 1, failures: 0, secrets: [secret] },
    });
    expect(await worker!.webhooks.claim(delivery)).toBeUndefined();
  });

  test("that fails is due again, and what came of it is in the log", async () => {
    const tenant = await database.tenant();
    await endpointOf(tenant);
    await pay(tenant);

    const first = await claimed(tenant);
    expect(await worker!.webhooks.record(first, { ...failed, delaySeconds: 100 })).toBe(true);

    const [row] = await deliveriesOf(tenant);
    expect(row).toMatchObject({ state: "queued", tries: 1, last_error: attempt.error });
    expect(row!.due_in).toBeGreaterThan(90);
    const { rows } = await database.owner.query("select * from satang.webhook_attempts where operation_id = $1", [row!.id]);
    expect(rows).toMatchObject([{ attempt: 1, status_code: 500, error: attempt.error, answer: "no", duration_ms: 12 }]);
  });

  test("is written by its holder only", async () => {
    const tenant = await database.tenant();
    await endpointOf(tenant);
    await pay(tenant);
    const first = await claimed(tenant);
    await database.owner.query("update satang.operations set lease_until = now() - interval '1 second' where id = $1", [first.id]);
    const second = await claimed(tenant);

    expect(await worker!.webhooks.record(first, delivered)).toBe(false);
    expect(await worker!.webhooks.record(second, failed)).toBe(true);

    expect(await deliveriesOf(tenant)).toMatchObject([{ state: "queued", tries: 1 }]);
  });

  test("to an endpoint that is gone or disabled comes without one", async () => {
    const tenant = await database.tenant();
    const [deleted, disabled] = [await endpointOf(tenant), await endpointOf(tenant)];
    await pay(tenant);

    expect(await api!.webhooks.deleteEndpoint(tenant, deleted.id, by)).toBe(true);
    await api!.webhooks.changeEndpoint(tenant, disabled.id, { enabled: false }, by);

    for (const nth of [0, 1]) expect((await claimed(tenant, nth)).endpoint).toBeUndefined();
  });

  test("is forgotten 30 days after it is done, and nothing else ever is", async () => {
    const tenant = await database.tenant();
    await endpointOf(tenant);
    await endpointOf(tenant);
    await pay(tenant);
    const done = await claimed(tenant);
    await worker!.webhooks.record(done, delivered);
    await database.owner.query(
      "update satang.operations set settled_at = now() - interval '31 days', created_at = now() - interval '31 days' where merchant_id = $1",
      [tenant.merchantId],
    );

    expect(await dispatcher!.webhooks.forgetOld()).toBe(1);

    const { rows } = await database.owner.query("select kind, state from satang.operations where merchant_id = $1 order by kind", [
      tenant.merchantId,
    ]);
    expect(rows).toEqual([
      { kind: "charge", state: "succeeded" },
      { kind: "deliver", state: "queued" },
    ]);
    const { rows: log } = await database.owner.query("select from satang.webhook_attempts where operation_id = $1", [done.id]);
    expect(log).toEqual([]);
    expect(await dispatcher!.webhooks.forgetOld()).toBe(0);
  });
});

describe("an endpoint", () => {
  test("that fails five times in a row is left alone for a while, and what waits for it is due after that", async () => {
    const tenant = await database.tenant();
    const endpoint = await endpointOf(tenant);
    await pay(tenant);
    await pay(tenant);
    for (let i = 0; i < 4; i++) await worker!.webhooks.record(await claimed(tenant), failed);
    expect((await endpointRow(endpoint)).paused_for).toBeLessThanOrEqual(0);

    await worker!.webhooks.record(await claimed(tenant), failed);

    const { paused_for, failures } = await endpointRow(endpoint);
    expect(failures).toBe(5);
    expect(paused_for).toBeGreaterThan(4);
    const [, other] = await deliveriesOf(tenant);
    expect(await worker!.webhooks.claim({ ...tenant, id: other!.id })).toBeUndefined();
    const [, then] = await deliveriesOf(tenant);
    expect(then).toMatchObject({ state: "queued", tries: 0 });
    expect(then!.due_in).toBeGreaterThan(4);
    expect(then!.due_in).toBeLessThan(70);
  });

  test("that takes one again is well", async () => {
    const tenant = await database.tenant();
    const endpoint = await endpointOf(tenant);
    await pay(tenant);
    await worker!.webhooks.record(await claimed(tenant), failed);
    expect((await api!.webhooks.endpoint(tenant, endpoint.id))!.failingSince).toBeInstanceOf(Date);

    await worker!.webhooks.record(await claimed(tenant), delivered);

    expect(await endpointRow(endpoint)).toMatchObject({ failures: 0, failing_since: null, paused_until: null });
  });

  test("that asks for time gets it", async () => {
    const tenant = await database.tenant();
    const endpoint = await endpointOf(tenant);
    await pay(tenant);

    await worker!.webhooks.record(await claimed(tenant), { ...failed, endpoint: { is: "failing", waitSeconds: 100 } });

    expect((await endpointRow(endpoint)).paused_for).toBeGreaterThan(90);
  });

  test("is disabled after three days of failures, and not after three days without a try", async () => {
    const tenant = await database.tenant();
    const endpoint = await endpointOf(tenant);
    await pay(tenant);
    const since = (failing: string, last: string) =>
      database.owner.query(
        "update satang.webhook_endpoints set failures = 3, failing_since = now() - $2::interval, failed_at = now() - $3::interval where id = $1",
        [endpoint.id, failing, last],
      );

    await since("4 days", "31 hours");
    await worker!.webhooks.record(await claimed(tenant), failed);
    expect((await api!.webhooks.endpoint(tenant, endpoint.id))!.disabled).toBeNull();

    await since("4 days", "2 hours");
    await worker!.webhooks.record(await claimed(tenant), failed);
    expect((await api!.webhooks.endpoint(tenant, endpoint.id))!.disabled).toMatchObject({ reason: "failing" });

    const enabled = await api!.webhooks.changeEndpoint(tenant, endpoint.id, { enabled: true }, by);
    expect(enabled).toMatchObject({ disabled: null, failingSince: null });
  });

  test("that is gone is disabled", async () => {
    const tenant = await database.tenant();
    const endpoint = await endpointOf(tenant);
    await pay(tenant);

    await worker!.webhooks.record(await claimed(tenant), { ...failed, state: "declined", endpoint: { is: "gone" } });

    expect((await api!.webhooks.endpoint(tenant, endpoint.id))!.disabled).toMatchObject({ reason: "gone" });
    await pay(tenant);
    expect(await deliveriesOf(tenant)).toHaveLength(1);
  });

  test("comes sixteen times for each merchant and mode, however many are made at once", async () => {
    const tenant = await database.tenant();

    const made = await Promise.all(
      Array.from({ length: 24 }, () =>
        api!.webhooks.createEndpoint(tenant, { url: "https://a.example", description: null, eventTypes: null }, secret, by),
      ),
    );

    expect(made.filter((one) => one !== undefined)).toHaveLength(16);
    expect(await api!.webhooks.endpoints(tenant)).toHaveLength(16);
    await api!.webhooks.deleteEndpoint(tenant, made.find((one) => one)!.id, by);
    expect((await endpointOf(tenant)).id).toBeDefined();
  });

  test("signs with two secrets at most: the newest, and the one before while it is asked to", async () => {
    const tenant = await database.tenant();
    const endpoint = await endpointOf(tenant);
    const rotate = (fill: number, overlapHours: number) =>
      api!.webhooks.rotateSecret(tenant, endpoint.id, { secret: Buffer.alloc(32, fill), overlapHours }, by);
    await pay(tenant);
    const signs = async () => {
      const delivery = await claimed(tenant);
      await worker!.webhooks.record(delivery, { ...failed, attempt: undefined, endpoint: { is: "as before" } });
      return delivery.endpoint!.secrets.map((one) => one[0]);
    };

    await rotate(8, 24);
    expect(await signs()).toEqual([8, 7]);
    await rotate(9, 24);
    expect(await signs()).toEqual([9, 8]);
    await rotate(10, 0);
    expect(await signs()).toEqual([10]);
    await Promise.all([rotate(11, 24), rotate(12, 24), rotate(13, 24)]);
    expect((await signs()).length).toBeLessThanOrEqual(2);
  });
});

describe("resending", () => {
  test("makes a new delivery of an old event, and no second while one is under way", async () => {
    const tenant = await database.tenant();
    const endpoint = await endpointOf(tenant);
    await pay(tenant);
    const old = await claimed(tenant);
    await worker!.webhooks.record(old, delivered);

    const again = await api!.webhooks.resend(tenant, endpoint.id, old.id, by);

    expect(again).not.toBe(old.id);
    expect(await api!.webhooks.resend(tenant, endpoint.id, old.id, by)).toBe(again);
    expect(await deliveriesOf(tenant)).toMatchObject([
      { id: old.id, state: "succeeded" },
      { id: again, state: "queued", event_id: old.event.id, endpoint_id: endpoint.id },
    ]);
    expect(await api!.webhooks.resend(await database.tenant(), endpoint.id, old.id, by)).toBeUndefined();
    expect(await api!.webhooks.resend({ ...tenant, mode: "live" }, endpoint.id, old.id, by)).toBeUndefined();
    expect(await api!.webhooks.resend(tenant, newUuid(), old.id, by)).toBeUndefined();
  });

  test("all that failed leaves out what was delivered since, and what is under way", async () => {
    const tenant = await database.tenant();
    const endpoint = await endpointOf(tenant);
    for (let i = 0; i < 3; i++) await pay(tenant);
    for (const nth of [0, 1]) await worker!.webhooks.record(await claimed(tenant, nth), { ...failed, state: "declined" });
    await worker!.webhooks.record(await claimed(tenant, 2), delivered);
    const failedSince = (since: Date) => api!.webhooks.resendFailed(tenant, endpoint.id, since, by);
    const anHourAgo = new Date(Date.now() - 3_600_000);

    expect(await failedSince(new Date(Date.now() + 60_000))).toEqual({ resent: 0, next: undefined });
    expect(await failedSince(anHourAgo)).toEqual({ resent: 2, next: undefined });
    expect(await failedSince(anHourAgo)).toEqual({ resent: 0, next: undefined });

    const open = (await deliveriesOf(tenant)).filter(({ state }) => state === "queued");
    expect(open).toHaveLength(2);
    const [first, second] = open;
    await worker!.webhooks.record((await worker!.webhooks.claim({ ...tenant, id: first!.id }))!, delivered);
    await worker!.webhooks.record((await worker!.webhooks.claim({ ...tenant, id: second!.id }))!, { ...failed, state: "declined" });
    expect(await failedSince(anHourAgo)).toEqual({ resent: 1, next: undefined });
  });
});
