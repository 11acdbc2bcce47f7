import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parsePublicId } from "../../../workloads/payment/id.ts";
import { brokenInvariants } from "../../drills/invariants.ts";
import { coffee, startSystem, type TestSystem } from "../../support/system.ts";

let system: TestSystem;
beforeAll(async () => {
  system = await startSystem({ redis: false, env: { worker: { RESOLVE_SCHEDULE_SECONDS: "3600,3600,3600" } } }); // only an event is sooner
  await system.behaviour({ holdSeconds: 2 });
});
afterAll(() => system[Symbol.asyncDispose]());

const held = async (token: string) =>
  (await system.pay({ ...coffee, capture: "manual", method: { type: "card", token } }, { wait: 20 })).body;
const now = async (id: string) => (await system.get(`/v1/payments/${id}`)).body;
const capture = (id: string, body: object = {}) =>
  system.send("POST", `/v1/payments/${id}/capture`, { body, headers: { "idempotency-key": randomUUID() } });

describe("an authorization", () => {
  test("that nobody captures is let go when its time is over, at the provider and here", async () => {
    const payment = await held("tok_visa");
    expect(payment).toMatchObject({ status: "requires_capture", captured: 0 });

    await system.until(async () => (await now(payment.id)).status === "expired", "it has expired");

    expect(await capture(payment.id)).toMatchObject({ status: 409, body: { code: "payment_not_capturable" } });
    const { body } = await system.get(`/v1/events?payment=${payment.id}`);
    expect(body.data.map((event: { type: string }) => event.type)).toEqual(["payment.expired", "payment.requires_capture"]);
  });

  test("whose capture the bank carries out after all has succeeded, with the money by way of suspense", async () => {
    const payment = await held("tok_capture_pending");
    expect((await capture(payment.id, { amount: 20_000 })).status).toBe(202);
    await system.until(async () => (await now(payment.id)).status === "expired", "it has expired");

    const [operation] = await system.sql<{ id: string }>("select id from satang.operations where payment_id = $1 and kind = 'capture'", [
      parsePublicId("payment", payment.id)!.uuid,
    ]);
    const ended = await fetch(`${system.simulator}/v1/operations/${operation!.id}/end`, {
      method: "POST",
      body: JSON.stringify({ status: "succeeded" }),
    });

    expect(ended.status).toBe(200);
    await system.until(async () => (await now(payment.id)).status === "succeeded", "the event has come, and the provider was asked");
    expect(await now(payment.id)).toMatchObject({ captured: 20_000, refunded: 0 });
    const lines = await system.sql(
      "select amount::int from satang.ledger_entries where operation_id = $1 and account = 'suspense.unapplied'",
      [operation!.id],
    );
    expect(lines).toEqual([{ amount: 20_000 }, { amount: -20_000 }]);
    await system.settled();
    expect((await brokenInvariants(system)).broken.filter((line) => !line.includes("lines in the ledger"))).toEqual([]);
  });
});
