import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newUuid, parsePublicId } from "../../../workloads/payment/id.ts";
import { referenceOf } from "../../../workloads/payment/reference.ts";
import { type Answer, coffee, startSystem, type TestSystem } from "../../support/system.ts";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const senders = JSON.stringify([{ name: "simulator", kind: "simulator", secret }]);

let system: TestSystem;
beforeAll(async () => {
  system = await startSystem({
    redis: false,
    env: {
      api: { PROVIDER_EVENT_SECRETS: senders },
      simulator: { EVENTS_SECRET: secret },
      worker: { RESOLVE_SCHEDULE_SECONDS: "3600,3600,3600" }, // what is settled sooner was settled because of an event
    },
  });
});
afterAll(() => system[Symbol.asyncDispose]());

type Sent = { id?: string; at?: Date; by?: string; provider?: string; body?: string; headers?: Record<string, string> };

/** Posts an event as the simulator does. */
async function post(data: object, { id = `evt_${newUuid()}`, at = new Date(), by = secret, provider = "simulator", ...more }: Sent = {}) {
  const body = JSON.stringify({ id, type: "charge.succeeded", created: at.toISOString(), data });
  const signed = {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(by).sign(id, at, body),
  };
  const answer = await fetch(`${system.api}/v1/provider-events/${provider}`, {
    method: "POST",
    headers: { ...signed, ...more.headers },
    body: more.body ?? body,
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

type Operation = { bucket: number; merchant_id: string; id: string; state: string; attempt: number; held: boolean };

/** A payment that its bank has not decided about, and its operation, which is asked about again in an hour. */
async function pending(): Promise<{ payment: Answer["body"]; operation: Operation; reference: string }> {
  const { body: payment } = await system.pay({ ...coffee, method: { type: "card", token: "tok_pending" } });
  await system.until(async () => (await operationOf(payment.id)).state === "unknown", "its outcome is unknown");
  const operation = await operationOf(payment.id);
  return { payment, operation, reference: referenceOf({ ...operation, merchantId: operation.merchant_id }) };
}

async function operationOf(paymentId: string): Promise<Operation> {
  const uuid = parsePublicId("payment", paymentId)!.uuid;
  const [row] = await system.sql<Operation>(
    "select bucket, merchant_id, id, state, attempt, lease_until is not null as held from satang.operations where payment_id = $1 and kind = 'charge'",
    [uuid],
  );
  return row!;
}

const askedAgain = (paymentId: string, { attempt }: Operation) =>
  system.until(async () => {
    const now = await operationOf(paymentId);
    return now.attempt > attempt && !now.held;
  }, "the provider was asked again");

const paymentNow = async (id: string) => (await system.get(`/v1/payments/${id}`)).body;
const eventsKept = async (id: string) =>
  (await system.sql("select type, reference from satang.provider_events where event_id = $1", [id])) as { reference: string | null }[];

/** Everything that could have changed. */
const everything = () =>
  system.sql(
    `select p.status, p.version, o.state, o.attempt, o.due_at, (select count(*) from satang.ledger_entries) as entries, (select count(*) from satang.events) as events
     from satang.payments p join satang.operations o on o.payment_id = p.id order by p.id, o.id`,
  );

async function end(operation: Operation, how: object): Promise<void> {
  const answer = await fetch(`${system.simulator}/v1/operations/${operation.id}/end`, { method: "POST", body: JSON.stringify(how) });
  if (!answer.ok) throw new Error(await answer.text());
}

describe("an event of a provider", () => {
  test.for([
    ["succeeded", 1],
    ["declined", 0],
  ] as const)("has the payment settled as the provider says, %s, without waiting for the next look-up", async ([status, effects]) => {
    const { payment, operation } = await pending();
    expect(await paymentNow(payment.id)).toMatchObject({ status: "processing", outcome: "unknown" });

    await end(operation, { status });
    await system.until(async () => (await paymentNow(payment.id)).status !== "processing", "the payment is settled");

    const settled = await paymentNow(payment.id);
    expect(settled).toMatchObject(status === "succeeded" ? { status, captured: 35_000 } : { status: "failed", captured: 0 });
    expect(settled.outcome).toBeUndefined();
    expect((await system.effects()).filter(({ key }) => key === operation.id).length).toBe(effects);
    expect((await system.invariants()).faults).toEqual([]);
  });

  test("is not believed: what it tells of is what a look-up tells", async () => {
    const { payment, operation, reference } = await pending();

    const answer = await post({ key: operation.id, reference, amount: 35_000, status: "succeeded" });
    await askedAgain(payment.id, operation);

    expect(answer).toEqual({ status: 200, body: { received: true } });
    expect(await paymentNow(payment.id)).toMatchObject({ status: "processing", outcome: "unknown", captured: 0 });
    expect((await operationOf(payment.id)).state).toBe("unknown");
  });

  test("that comes again is taken, and changes nothing", async () => {
    const { payment, operation, reference } = await pending();
    const id = `evt_${newUuid()}`;
    await post({ key: operation.id, reference }, { id });
    await askedAgain(payment.id, operation);
    const before = await everything();

    const answers = await Promise.all(Array.from({ length: 5 }, () => post({ key: operation.id, reference }, { id })));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await everything()).toEqual(before);
    expect((await eventsKept(id)).length).toBe(1);
  });

  test("about what is settled changes nothing", async () => {
    const { body: payment } = await system.pay(coffee, { wait: 20 });
    const operation = await operationOf(payment.id);
    const before = await everything();

    const answer = await post({ key: operation.id, reference: referenceOf({ ...operation, merchantId: operation.merchant_id }) });

    expect(answer.status).toBe(200);
    expect(await everything()).toEqual(before);
  });

  test.for<[string, (reference: string) => string | null]>([
    ["nothing", () => null],
    ["what we never called anything", () => "their-own-7"],
    ["an operation that is not there", (reference) => referenceOf({ ...refOf(reference), id: newUuid() })],
    ["an operation of another merchant", (reference) => referenceOf({ ...refOf(reference), merchantId: newUuid() })],
  ])("about %s is kept, and changes nothing", async ([, changed]) => {
    const { reference } = await pending();
    const before = await everything();
    const [id, other] = [`evt_${newUuid()}`, changed(reference)];

    const answer = await post({ key: "k", reference: other }, { id });

    expect(answer.status).toBe(200);
    expect(await eventsKept(id)).toMatchObject([{ reference: other }]);
    expect(await everything()).toEqual(before);
  });

  test.for<[string, Sent, number, string]>([
    ["signed with another secret", { by: `whsec_${Buffer.alloc(32, 8).toString("base64")}` }, 401, "provider_event_invalid"],
    ["signed ten minutes ago", { at: new Date(Date.now() - 600_000) }, 401, "provider_event_invalid"],
    ["signed in ten minutes", { at: new Date(Date.now() + 600_000) }, 401, "provider_event_invalid"],
    ["signed under another id", { headers: { "webhook-id": "evt_other" } }, 401, "provider_event_invalid"],
    ["not signed", { headers: { "webhook-signature": "" } }, 401, "provider_event_invalid"],
    ["with another body", { body: '{"id":"evt_1","type":"charge.succeeded","data":{"reference":null}}' }, 401, "provider_event_invalid"],
    ["without a body", { body: "" }, 401, "provider_event_invalid"],
    ["too large", { body: "x".repeat(100_000) }, 413, "body_too_large"],
    ["of another type", { headers: { "content-type": "text/plain" } }, 415, "content_type_unsupported"],
    ["of a provider that sends none", { provider: "somebody" }, 404, "provider_not_found"],
    ["of a provider by a name from JavaScript", { provider: "constructor" }, 404, "provider_not_found"],
  ])("%s is refused, and changes nothing", async ([, sent, status, code]) => {
    const { operation, reference } = await pending();
    const before = await everything();
    const id = `evt_${newUuid()}`;

    const answer = await post({ key: operation.id, reference }, { id, ...sent });

    expect(answer).toMatchObject({ status, body: { code } });
    expect(await everything()).toEqual(before);
    expect(await eventsKept(id)).toEqual([]);
  });
});

function refOf(reference: string): { bucket: number; merchantId: string; id: string } {
  const [merchant, operation] = reference.split("/");
  const [{ bucket, uuid: merchantId }, { uuid: id }] = [parsePublicId("merchant", merchant!)!, parsePublicId("operation", operation!)!];
  return { bucket, merchantId, id };
}
