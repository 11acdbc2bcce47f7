import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answers, type Receiver, receiver, verified } from "../webhook/receiver.ts";
import { type Machine, startMachine } from "./machine.ts";

const queues = { QUEUES: "payments,webhooks", VISIBILITY_SECONDS: "1" };
const open = { WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: "true" };

let machine: Machine;
let server: Receiver;
let endpoint: { id: string; secret: string };
beforeAll(async () => {
  const worker = {
    ...queues,
    ...open,
    LEASE_SECONDS: "3",
    PROVIDER_TIMEOUT_SECONDS: "1",
    WEBHOOK_TIMEOUT_SECONDS: "1",
    WEBHOOK_SCHEDULE_SECONDS: "1,1,1",
  };
  machine = await startMachine({ env: { api: { VISIBILITY_SECONDS: "1", ...open }, dispatcher: queues, worker } });
  await machine.startAll([machine.workers[1]]);
  server = await receiver(answers(200));
  endpoint = await machine.merchant.post("/v1/webhook-endpoints", { url: server.url });
});
afterAll(async () => {
  await machine[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

type Delivery = { state: string; tries: number };
const deliveriesOf = (payment: string): Promise<Delivery[]> =>
  machine.rows<Delivery>(
    `select o.state, o.tries from satang.operations o join satang.idempotency_keys k using (bucket, merchant_id, payment_id)
     where o.kind = 'deliver' and k.key = $1`,
    [payment],
  );
const toldOf = (payment: string) => server.got.filter((got) => verified(got, endpoint.secret).payment === payment);

describe("the worker dies", () => {
  test.each([
    ["before it takes a delivery", { before: "claim_deliveries" }, { state: "queued", tries: 0 }, 0],
    ["when it has taken a delivery, before it is sent", { after: "claim_deliveries" }, { state: "sent", tries: 0 }, 0],
    ["before a webhook is marked sent", { before: "record_deliveries" }, { state: "sent", tries: 0 }, 1],
    ["when a webhook is marked sent, before it hears so", { after: "record_deliveries" }, { state: "succeeded", tries: 1 }, 1],
  ] as const)("%s: the merchant is told, under one id", async (name, moment, leaves, before) => {
    const stop = machine.gates.workers[0].postgres.stopAt(moment);
    const payment = await machine.merchant.insist(name);
    await stop.reached;
    await machine.workers[0].kill();

    expect(await deliveriesOf(name)).toEqual([leaves]);
    expect(toldOf(payment)).toHaveLength(before);
    await machine.startAll([machine.workers[1]]);
    await machine.settled(20);
    expect(await deliveriesOf(name)).toEqual([{ state: "succeeded", tries: 1 }]);
    const told = toldOf(payment);
    expect(told.length).toBe(leaves.state === "succeeded" ? 1 : before + 1);
    expect(new Set(told.map((got) => got.headers["webhook-id"])).size).toBe(1);
  });
});
