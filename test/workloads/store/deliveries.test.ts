import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newUuid } from "../../../workloads/payment/id.ts";
import { attempt, by, delivered, failed, secret, WebhookTrial } from "./webhook-trial.ts";

let trial: WebhookTrial;
beforeAll(async () => {
  trial = await WebhookTrial.start();
});
afterAll(() => trial[Symbol.asyncDispose]());

describe("the commit that settles a payment", () => {
  test("makes one delivery of its event to each endpoint that asked for it", async () => {
    const tenant = await trial.database.tenant();
    const all = await trial.endpointOf(tenant);
    const some = await trial.endpointOf(tenant, { eventTypes: ["payment.succeeded"] });
    await trial.endpointOf(tenant, { eventTypes: ["payment.failed"] });
    const disabled = await trial.endpointOf(tenant);
    await trial.api.webhooks.changeEndpoint(tenant, disabled.id, { enabled: false }, by);
    await trial.endpointOf({ ...tenant, mode: "live" });
    await trial.endpointOf(await trial.database.tenant());

    await trial.pay(tenant);

    const deliveries = await trial.deliveriesOf(tenant);
    expect(deliveries.map((delivery) => delivery.endpoint_id).toSorted()).toEqual([all.id, some.id].toSorted());
    const { rows: events } = await trial.database.owner.query("select id from satang.events where merchant_id = $1", [tenant.merchantId]);
    expect(new Set(deliveries.map((delivery) => delivery.event_id))).toEqual(new Set(events.map(({ id }) => id)));
    for (const { state, tries, id, event_id } of deliveries) {
      expect({ state, tries }).toEqual({ state: "queued", tries: 0 });
      expect(id.slice(0, 18)).toBe(event_id.slice(0, 18)); // it lies in time where its event does
    }
  });

  test("makes none for a merchant without endpoints", async () => {
    const tenant = await trial.database.tenant();
    await trial.pay(tenant);

    expect(await trial.deliveriesOf(tenant)).toEqual([]);
  });

  test("is the only way to a delivery of that event to that endpoint", async () => {
    const tenant = await trial.database.tenant();
    await trial.endpointOf(tenant);
    await trial.pay(tenant);
    const { rows } = await trial.database.owner.query(
      "select satang.derived_id(event_id, endpoint_id::text) = id as same from satang.operations where kind = 'deliver' and merchant_id = $1",
      [tenant.merchantId],
    );

    expect(rows).toEqual([{ same: true }]);
  });
});

describe("a delivery", () => {
  test("is claimed with all that it is made from, by one worker", async () => {
    const tenant = await trial.database.tenant();
    const endpoint = await trial.endpointOf(tenant, { url: "https://shop.example/other" });
    const { payment, operation } = await trial.pay(tenant);

    const delivery = await trial.claimed(tenant);

    expect(delivery).toMatchObject({
      attempt: 1,
      tries: 0,
      event: { type: "payment.succeeded", mode: "test", paymentId: payment.id, operationId: operation.id, data: { status: "succeeded" } },
      endpoint: { id: endpoint.id, url: endpoint.url, eventVersion: 1, failures: 0, secrets: [secret] },
    });
    expect(await trial.worker.webhooks.claim(delivery)).toBeUndefined();
  });

  test("that fails is due again, and what came of it is in the log", async () => {
    const tenant = await trial.database.tenant();
    await trial.endpointOf(tenant);
    await trial.pay(tenant);

    const first = await trial.claimed(tenant);
    expect(await trial.worker.webhooks.record(first, { ...failed, delaySeconds: 100 })).toBe(true);

    const [row] = await trial.deliveriesOf(tenant);
    expect(row).toMatchObject({ state: "queued", tries: 1, last_error: attempt.error });
    expect(row!.due_in).toBeGreaterThan(90);
    const { rows } = await trial.database.owner.query("select * from satang.webhook_attempts where operation_id = $1", [row!.id]);
    expect(rows).toMatchObject([{ attempt: 1, status_code: 500, error: attempt.error, answer: "no", duration_ms: 12 }]);
  });

  test("is written by its holder only", async () => {
    const tenant = await trial.database.tenant();
    await trial.endpointOf(tenant);
    await trial.pay(tenant);
    const first = await trial.claimed(tenant);
    await trial.database.owner.query("update satang.operations set lease_until = now() - interval '1 second' where id = $1", [first.id]);
    const second = await trial.claimed(tenant);

    expect(await trial.worker.webhooks.record(first, delivered)).toBe(false);
    expect(await trial.worker.webhooks.record(second, failed)).toBe(true);

    expect(await trial.deliveriesOf(tenant)).toMatchObject([{ state: "queued", tries: 1 }]);
  });

  test("to an endpoint that is gone or disabled comes without one", async () => {
    const tenant = await trial.database.tenant();
    const [deleted, disabled] = [await trial.endpointOf(tenant), await trial.endpointOf(tenant)];
    await trial.pay(tenant);

    expect(await trial.api.webhooks.deleteEndpoint(tenant, deleted.id, by)).toBe(true);
    await trial.api.webhooks.changeEndpoint(tenant, disabled.id, { enabled: false }, by);

    for (const nth of [0, 1]) expect((await trial.claimed(tenant, nth)).endpoint).toBeUndefined();
  });

  test("is forgotten 30 days after it is done, and nothing else ever is", async () => {
    const tenant = await trial.database.tenant();
    await trial.endpointOf(tenant);
    await trial.endpointOf(tenant);
    await trial.pay(tenant);
    const done = await trial.claimed(tenant);
    await trial.worker.webhooks.record(done, delivered);
    await trial.database.owner.query(
      "update satang.operations set settled_at = now() - interval '31 days', created_at = now() - interval '31 days' where merchant_id = $1",
      [tenant.merchantId],
    );

    expect(await trial.dispatcher.webhooks.forgetOld()).toBe(1);

    const { rows } = await trial.database.owner.query("select kind, state from satang.operations where merchant_id = $1 order by kind", [
      tenant.merchantId,
    ]);
    expect(rows).toEqual([
      { kind: "charge", state: "succeeded" },
      { kind: "deliver", state: "queued" },
    ]);
    const { rows: log } = await trial.database.owner.query("select from satang.webhook_attempts where operation_id = $1", [done.id]);
    expect(log).toEqual([]);
    expect(await trial.dispatcher.webhooks.forgetOld()).toBe(0);
  });
});

describe("resending", () => {
  test("makes a new delivery of an old event, and no second while one is under way", async () => {
    const tenant = await trial.database.tenant();
    const endpoint = await trial.endpointOf(tenant);
    await trial.pay(tenant);
    const old = await trial.claimed(tenant);
    await trial.worker.webhooks.record(old, delivered);

    const again = await trial.api.webhooks.resend(tenant, endpoint.id, old.id, by);

    expect(again).not.toBe(old.id);
    expect(await trial.api.webhooks.resend(tenant, endpoint.id, old.id, by)).toBe(again);
    expect(await trial.deliveriesOf(tenant)).toMatchObject([
      { id: old.id, state: "succeeded" },
      { id: again, state: "queued", event_id: old.event.id, endpoint_id: endpoint.id },
    ]);
    expect(await trial.api.webhooks.resend(await trial.database.tenant(), endpoint.id, old.id, by)).toBeUndefined();
    expect(await trial.api.webhooks.resend({ ...tenant, mode: "live" }, endpoint.id, old.id, by)).toBeUndefined();
    expect(await trial.api.webhooks.resend(tenant, newUuid(), old.id, by)).toBeUndefined();
  });

  test("of one that waits for its next try sends it at once, though its endpoint is paused", async () => {
    const tenant = await trial.database.tenant();
    const endpoint = await trial.endpointOf(tenant);
    await trial.pay(tenant);
    const waiting = await trial.claimed(tenant);
    await trial.worker.webhooks.record(waiting, { ...failed, delaySeconds: 1_000, endpoint: { is: "failing", waitSeconds: 1_000 } });

    expect(await trial.api.webhooks.resend(tenant, endpoint.id, waiting.id, by)).toBe(waiting.id);

    const [row] = await trial.deliveriesOf(tenant);
    expect(row!.due_in).toBeLessThanOrEqual(0);
    expect(await trial.claimed(tenant)).toMatchObject({ id: waiting.id, tries: 1 });
    const { rows: audit } = await trial.database.owner.query(
      "select action from satang.audit_log where merchant_id = $1 and target_type = 'delivery'",
      [tenant.merchantId],
    );
    expect(audit).toEqual([{ action: "delivery.resent" }]);
  });

  test("all that failed ends the pause of the endpoint", async () => {
    const tenant = await trial.database.tenant();
    const endpoint = await trial.endpointOf(tenant);
    await trial.pay(tenant);
    const givenUp = await trial.claimed(tenant);
    await trial.worker.webhooks.record(givenUp, { ...failed, state: "declined", endpoint: { is: "failing", waitSeconds: 1_000 } });

    await trial.api.webhooks.resendFailed(tenant, endpoint.id, new Date(Date.now() - 3_600_000), by);

    const again = (await trial.deliveriesOf(tenant)).find(({ state }) => state === "queued");
    expect(await trial.worker.webhooks.claim({ ...tenant, id: again!.id })).toMatchObject({ event: { id: givenUp.event.id } });
  });

  test("all that failed leaves out what was delivered since, and what is under way", async () => {
    const tenant = await trial.database.tenant();
    const endpoint = await trial.endpointOf(tenant);
    for (let i = 0; i < 3; i++) await trial.pay(tenant);
    for (const nth of [0, 1]) await trial.worker.webhooks.record(await trial.claimed(tenant, nth), { ...failed, state: "declined" });
    await trial.worker.webhooks.record(await trial.claimed(tenant, 2), delivered);
    const failedSince = (since: Date) => trial.api.webhooks.resendFailed(tenant, endpoint.id, since, by);
    const anHourAgo = new Date(Date.now() - 3_600_000);

    expect(await failedSince(new Date(Date.now() + 60_000))).toEqual({ resent: 0, next: undefined });
    expect(await failedSince(anHourAgo)).toEqual({ resent: 2, next: undefined });
    expect(await failedSince(anHourAgo)).toEqual({ resent: 0, next: undefined });

    const open = (await trial.deliveriesOf(tenant)).filter(({ state }) => state === "queued");
    expect(open).toHaveLength(2);
    const [first, second] = open;
    await trial.worker.webhooks.record((await trial.worker.webhooks.claim({ ...tenant, id: first!.id }))!, delivered);
    await trial.worker.webhooks.record((await trial.worker.webhooks.claim({ ...tenant, id: second!.id }))!, {
      ...failed,
      state: "declined",
    });
    expect(await failedSince(anHourAgo)).toEqual({ resent: 1, next: undefined });
  });
});
