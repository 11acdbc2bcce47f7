import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parsePublicId } from "../../../workloads/payment/id.ts";
import { type Machine, startMachine } from "./machine.ts";

const shared = { VISIBILITY_SECONDS: "1" };
const quick = {
  LEASE_SECONDS: "3",
  PROVIDER_TIMEOUT_SECONDS: "1",
  WEBHOOK_TIMEOUT_SECONDS: "1",
  RESOLVE_SCHEDULE_SECONDS: "1,1,1,2,2,5,5",
};

let machine: Machine;
beforeAll(async () => {
  machine = await startMachine({ env: { api: shared, dispatcher: shared, worker: { ...shared, ...quick } } });
});
afterAll(() => machine[Symbol.asyncDispose]());

type Refund = { id: string; state: string; lines: string[] };

/** A payment of 350.00 THB that is done with. Only the first worker goes on. */
async function paid(): Promise<string> {
  await machine.startAll([machine.workers[1]]);
  const id = await machine.merchant.insist(`order-${randomUUID().slice(0, 8)}x`);
  await machine.settled(20);
  return id;
}

async function refundsOf(paymentId: string): Promise<Refund[]> {
  return machine.rows<Refund>(
    `select o.id, o.state, array(select l.account || ' ' || l.amount from satang.ledger_entries l where l.operation_id = o.id order by l.line) as lines
     from satang.operations o where o.payment_id = $1 and o.kind = 'refund'`,
    [parsePublicId("payment", paymentId)!.uuid],
  );
}

async function effectsOf({ id }: Refund): Promise<number> {
  const answer = await fetch(`${machine.simulatorUrl}/v1/effects/${id}`);
  return ((await answer.json()) as { count: number }).count;
}

const asked = ["merchant.available 10000", "refunds.in_transit -10000"];
const done = ["refunds.in_transit 10000", "provider.receivable:simulator -10000"];

/** What died is started, the merchant asks again under his key, and gets one refund that was done once. */
async function expectOneRefund(paymentId: string, key: string): Promise<void> {
  await machine.startAll([machine.workers[1]]);
  await expect.poll(async () => (await machine.merchant.refund(paymentId, key))?.status, { timeout: 20_000 }).toBeLessThan(300);
  await machine.settled(20);

  const refunds = await refundsOf(paymentId);
  expect(refunds).toMatchObject([{ state: "succeeded", lines: [...asked, ...done] }]);
  expect(await effectsOf(refunds[0]!)).toBe(1);
  const ours = new Set((await machine.rows<{ id: string }>("select id from satang.operations")).map(({ id }) => id));
  const moved = ((await (await fetch(`${machine.simulatorUrl}/v1/effects?limit=10000`)).json()) as { effects: { key: string }[] }).effects;
  expect(moved.filter(({ key }) => !ours.has(key))).toEqual([]); // and none under another key
  const [payment] = await machine.rows<object>("select refunded::int, refunding::int, outcome from satang.payments where id = $1", [
    parsePublicId("payment", paymentId)!.uuid,
  ]);
  expect(payment).toEqual({ refunded: 10_000, refunding: 0, outcome: null });
}

describe("a refund, when the API dies", () => {
  test.each([
    ["before it is accepted, was never asked for", { before: "accept_follow_up" }, 0],
    ["after it is accepted, before the answer, is under way", { after: "accept_follow_up" }, 1],
  ] as const)("%s; the retry gets the one that there is", async (_, moment, made) => {
    const payment = await paid();
    const key = `refund-${randomUUID().slice(0, 8)}x`;
    const stop = machine.gates.api.postgres.stopAt(moment);
    const told = machine.merchant.refund(payment, key);
    await stop.reached;
    await machine.api.kill();

    expect(await told).toBeUndefined();
    expect(await refundsOf(payment)).toHaveLength(made);
    await expectOneRefund(payment, key);
  });
});

const [postgres, simulator] = ["postgres", "simulator"] as const;
const call = "POST /v1/operations";

describe("a refund, when the worker dies", () => {
  test.each([
    ["after the claim commits, before the call", { at: postgres, moment: { after: "claim" }, leaves: ["sent", asked], effects: 0 }],
    ["during the call", { at: simulator, moment: { during: call }, leaves: ["sent", asked], effects: 1 }],
    ["after the call, before the settlement commits", { at: postgres, moment: { before: "settle" }, leaves: ["sent", asked], effects: 1 }],
    ["after the settlement commits", { at: postgres, moment: { after: "settle" }, leaves: ["succeeded", [...asked, ...done]], effects: 1 }],
  ] as const)("%s, is done once", async (_, { at, moment, leaves: [state, lines], effects }) => {
    const payment = await paid();
    const key = `refund-${randomUUID().slice(0, 8)}x`;
    const stop = machine.gates.workers[0][at].stopAt(moment);
    await machine.merchant.refund(payment, key);
    await stop.reached;
    await machine.workers[0].kill();

    const [refund] = await refundsOf(payment);
    expect(refund).toMatchObject({ state, lines });
    await expect.poll(() => effectsOf(refund!), { timeout: 10_000 }).toBe(effects);
    await expectOneRefund(payment, key);
  });
});
