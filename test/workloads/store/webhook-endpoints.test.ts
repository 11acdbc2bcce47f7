import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { by, delivered, failed, secret, WebhookTrial } from "./webhook-trial.ts";

let trial: WebhookTrial;
beforeAll(async () => {
  trial = await WebhookTrial.start();
});
afterAll(() => trial[Symbol.asyncDispose]());

describe("an endpoint", () => {
  test("that fails five times in a row is left alone for a while, and what waits for it is due after that", async () => {
    const tenant = await trial.database.tenant();
    const endpoint = await trial.endpointOf(tenant);
    await trial.pay(tenant);
    await trial.pay(tenant);
    for (let i = 0; i < 4; i++) await trial.worker.webhooks.record(await trial.claimed(tenant), failed);
    expect((await trial.endpointRow(endpoint)).paused_for).toBeLessThanOrEqual(0);

    await trial.worker.webhooks.record(await trial.claimed(tenant), failed);

    const { paused_for, failures } = await trial.endpointRow(endpoint);
    expect(failures).toBe(5);
    expect(paused_for).toBeGreaterThan(4);
    const [, other] = await trial.deliveriesOf(tenant);
    expect(await trial.worker.webhooks.claim({ ...tenant, id: other!.id })).toBeUndefined();
    const [, then] = await trial.deliveriesOf(tenant);
    expect(then).toMatchObject({ state: "queued", tries: 0 });
    expect(then!.due_in).toBeGreaterThan(4);
    expect(then!.due_in).toBeLessThan(70);
  });

  test("that takes one again is well", async () => {
    const tenant = await trial.database.tenant();
    const endpoint = await trial.endpointOf(tenant);
    await trial.pay(tenant);
    await trial.worker.webhooks.record(await trial.claimed(tenant), failed);
    expect((await trial.api.webhooks.endpoint(tenant, endpoint.id))!.failingSince).toBeInstanceOf(Date);

    await trial.worker.webhooks.record(await trial.claimed(tenant), delivered);

    expect(await trial.endpointRow(endpoint)).toMatchObject({ failures: 0, failing_since: null, paused_until: null });
  });

  test("that asks for time gets it", async () => {
    const tenant = await trial.database.tenant();
    const endpoint = await trial.endpointOf(tenant);
    await trial.pay(tenant);

    await trial.worker.webhooks.record(await trial.claimed(tenant), { ...failed, endpoint: { is: "failing", waitSeconds: 100 } });

    expect((await trial.endpointRow(endpoint)).paused_for).toBeGreaterThan(90);
  });

  test("is disabled after three days of failures, and not after three days without a try", async () => {
    const tenant = await trial.database.tenant();
    const endpoint = await trial.endpointOf(tenant);
    await trial.pay(tenant);
    const since = (failing: string, last: string) =>
      trial.database.owner.query(
        "update satang.webhook_endpoints set failures = 3, failing_since = now() - $2::interval, failed_at = now() - $3::interval where id = $1",
        [endpoint.id, failing, last],
      );

    await since("4 days", "31 hours");
    await trial.worker.webhooks.record(await trial.claimed(tenant), failed);
    expect((await trial.api.webhooks.endpoint(tenant, endpoint.id))!.disabled).toBeNull();

    await since("4 days", "2 hours");
    await trial.worker.webhooks.record(await trial.claimed(tenant), failed);
    expect((await trial.api.webhooks.endpoint(tenant, endpoint.id))!.disabled).toMatchObject({ reason: "failing" });

    const enabled = await trial.api.webhooks.changeEndpoint(tenant, endpoint.id, { enabled: true }, by);
    expect(enabled).toMatchObject({ disabled: null, failingSince: null });
  });

  test("that is gone is disabled", async () => {
    const tenant = await trial.database.tenant();
    const endpoint = await trial.endpointOf(tenant);
    await trial.pay(tenant);

    await trial.worker.webhooks.record(await trial.claimed(tenant), { ...failed, state: "declined", endpoint: { is: "gone" } });

    expect((await trial.api.webhooks.endpoint(tenant, endpoint.id))!.disabled).toMatchObject({ reason: "gone" });
    await trial.pay(tenant);
    expect(await trial.deliveriesOf(tenant)).toHaveLength(1);
  });

  test("comes sixteen times for each merchant and mode, however many are made at once", async () => {
    const tenant = await trial.database.tenant();

    const made = await Promise.all(
      Array.from({ length: 24 }, () =>
        trial.api.webhooks.createEndpoint(tenant, { url: "https://a.example", description: null, eventTypes: null }, secret, by),
      ),
    );

    expect(made.filter((one) => one !== undefined)).toHaveLength(16);
    expect(await trial.api.webhooks.endpoints(tenant)).toHaveLength(16);
    await trial.api.webhooks.deleteEndpoint(tenant, made.find((one) => one)!.id, by);
    expect((await trial.endpointOf(tenant)).id).toBeDefined();
  });

  test("signs with two secrets at most: the newest, and the one before while it is asked to", async () => {
    const tenant = await trial.database.tenant();
    const endpoint = await trial.endpointOf(tenant);
    const rotate = (fill: number, overlapHours: number) =>
      trial.api.webhooks.rotateSecret(tenant, endpoint.id, { secret: Buffer.alloc(32, fill), overlapHours }, by);
    await trial.pay(tenant);
    const signs = async () => {
      const delivery = await trial.claimed(tenant);
      await trial.worker.webhooks.record(delivery, { ...failed, attempt: undefined, endpoint: { is: "as before" } });
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
