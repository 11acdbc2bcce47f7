import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newUuid } from "../../../workloads/payment/id.ts";
import type { ClaimedOperation, OperationRef } from "../../../workloads/payment/operation.ts";
import { settlementOf } from "../../../workloads/payment/settlement.ts";
import { openStore } from "../../../workloads/store/postgres-store.ts";
import type { Store, Tenant } from "../../../workloads/store/store.ts";
import { aRequest, startDatabase, type TestDatabase } from "./database.ts";

let database: TestDatabase;
let api: Store;
let worker: Store;
beforeAll(async () => {
  database = await startDatabase();
  api = database.as("api");
  worker = database.as("worker");
});
afterAll(() => database[Symbol.asyncDispose]());

const succeeded = { kind: "succeeded", providerReference: "ch_1", fee: 6 } as const;

async function anOperation(tenant: Tenant, given: Parameters<typeof aRequest>[1] = {}): Promise<OperationRef & { paymentId: string }> {
  const accepted = await api.accept(aRequest(tenant, given));
  if (accepted.result !== "new") throw new Error(accepted.result);
  return { ...accepted.operation, paymentId: accepted.payment.id };
}

async function claimed(ref: OperationRef, by = worker): Promise<ClaimedOperation> {
  const operation = await by.claim(ref);
  if (!operation) throw new Error("nobody got it");
  return operation;
}

/** A worker's store whose leases end at once: what an hour of waiting would come to. */
function forgetful(): Store {
  return openStore({ url: database.urlOf("worker"), connections: 1, applicationName: "test-forgetful", leaseSeconds: 0 });
}

const rows = async (sql: string, ...values: unknown[]) => (await database.owner.query(sql, values)).rows;

describe("a claim", () => {
  test("goes to one of many who ask at once", async () => {
    const ref = await anOperation(await database.tenant());
    const stores = [worker, database.as("worker"), database.as("worker")];

    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => stores[i % 3]!.claim(ref)));

    expect(answers.filter((answer) => answer)).toHaveLength(1);
  });

  test("carries what the call needs, and says whether it may have been made before", async () => {
    const tenant = await database.tenant();
    const ref = await anOperation(tenant, { amount: 4200, method: { type: "card", token: "tok_mastercard" } });
    await using other = Object.assign(forgetful(), { [Symbol.asyncDispose]: () => other.close() });

    const first = await claimed(ref, other);
    const second = await claimed(ref);

    expect(first).toMatchObject({
      kind: "charge",
      amount: 4200,
      currency: "THB",
      method: { token: "tok_mastercard" },
      attempt: 1,
      resolving: false,
    });
    expect(second).toMatchObject({ attempt: 2, resolving: true, firstSentAt: first.firstSentAt });
  });

  test("of what was given back unsent is a first call again", async () => {
    const ref = await anOperation(await database.tenant());
    await worker.postpone(await claimed(ref), { state: "queued", unknowns: 0, delaySeconds: 0, reason: "breaker open" });

    expect(await claimed(ref)).toMatchObject({ attempt: 2, resolving: false });
  });

  test("never gets what is settled", async () => {
    const ref = await anOperation(await database.tenant());
    const operation = await claimed(ref);
    await worker.settle(operation, settlementOf(operation, succeeded));

    expect(await worker.claim(ref)).toBeUndefined();
    expect(await worker.offer("payments", 1000)).not.toContainEqual(expect.objectContaining({ id: ref.id }));
  });
});

describe("settling", () => {
  test("writes operation, payment, journal and one event, together", async () => {
    const tenant = await database.tenant();
    const ref = await anOperation(tenant, { amount: 10_000 });
    const operation = await claimed(ref);

    const written = await worker.settle(operation, settlementOf(operation, { ...succeeded, fee: 165 }));

    expect(written).toBe(true);
    expect(await api.payment(tenant, ref.paymentId)).toMatchObject({ status: "succeeded", captured: 10_000, outcome: null, version: 2 });
    expect(await rows("select account, amount::int from satang.ledger_entries where operation_id = $1 order by line", ref.id)).toEqual([
      { account: "provider.receivable:simulator", amount: 10_000 },
      { account: "merchant.pending", amount: -10_000 },
      { account: "merchant.pending", amount: 165 },
      { account: "provider.receivable:simulator", amount: -165 },
    ]);
    expect(await rows("select type, payment_id, data->>'status' as status from satang.events where operation_id = $1", ref.id)).toEqual([
      { type: "payment.succeeded", payment_id: ref.paymentId, status: "succeeded" },
    ]);
  });

  test("by a worker that lost its lease writes nothing at all", async () => {
    const tenant = await database.tenant();
    const ref = await anOperation(tenant);
    await using late = Object.assign(forgetful(), { [Symbol.asyncDispose]: () => late.close() });
    const stale = await claimed(ref, late);
    const fresh = await claimed(ref);

    const [byStale, postponedByStale] = [
      await late.settle(stale, settlementOf(stale, { kind: "declined", code: "card_declined", providerReference: null })),
      await late.postpone(stale, { state: "unknown", unknowns: 1, delaySeconds: 0, reason: "late" }),
    ];
    const byFresh = await worker.settle(fresh, settlementOf(fresh, succeeded));

    expect([byStale, postponedByStale, byFresh]).toEqual([false, false, true]);
    expect(await api.payment(tenant, ref.paymentId)).toMatchObject({ status: "succeeded", version: 2 });
    expect(await rows("select from satang.events where operation_id = $1", ref.id)).toHaveLength(1);
  });

  test("twice at once writes once", async () => {
    const ref = await anOperation(await database.tenant());
    const operation = await claimed(ref);
    const others = [worker, database.as("worker")];

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => others[i % 2]!.settle(operation, settlementOf(operation, succeeded))),
    );

    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await rows("select from satang.ledger_entries where operation_id = $1", ref.id)).toHaveLength(4);
  });

  test("along an edge that does not exist is refused, and nothing of it is written", async () => {
    const tenant = await database.tenant();
    const ref = await anOperation(tenant);
    const operation = await claimed(ref);

    const answer = worker.settle(operation, { ...settlementOf(operation, succeeded), status: "expired" });

    await expect(answer).rejects.toThrow("cannot go from processing to expired");
    expect(await rows("select from satang.ledger_entries where operation_id = $1", ref.id)).toEqual([]);
    expect(await api.payment(tenant, ref.paymentId)).toMatchObject({ status: "processing", version: 1 });
  });

  test("with a journal that does not sum to zero is refused, and the rest of its batch goes through", async () => {
    const tenant = await database.tenant();
    const refs = await Promise.all(Array.from({ length: 10 }, () => anOperation(tenant)));
    const operations = await Promise.all(refs.map((ref) => claimed(ref)));

    const answers = await Promise.allSettled(
      operations.map((operation, i) => {
        const settlement = settlementOf(operation, succeeded);
        return worker.settle(operation, i === 3 ? { ...settlement, journal: settlement.journal.slice(1) } : settlement);
      }),
    );

    expect(answers.map(({ status }) => status === "fulfilled")).toEqual(operations.map((_, i) => i !== 3));
    expect(await rows("select sum(amount)::int as sum from satang.ledger_entries where merchant_id = $1", tenant.merchantId)).toEqual([
      { sum: 0 },
    ]);
  });
});

describe("an unknown outcome", () => {
  test("shows on the payment until a definite answer comes", async () => {
    const tenant = await database.tenant();
    const ref = await anOperation(tenant);

    await worker.postpone(await claimed(ref), { state: "unknown", unknowns: 1, delaySeconds: 0, reason: "timeout" });
    const during = await api.payment(tenant, ref.paymentId);
    const again = await claimed(ref);
    await worker.settle(again, settlementOf(again, succeeded));

    expect(during).toMatchObject({ status: "processing", outcome: "unknown" });
    expect(again).toMatchObject({ resolving: true, unknowns: 1 });
    expect(await api.payment(tenant, ref.paymentId)).toMatchObject({ status: "succeeded", outcome: null });
  });

  test("never goes back to queued, whatever a later attempt says", async () => {
    const ref = await anOperation(await database.tenant());
    await worker.postpone(await claimed(ref), { state: "unknown", unknowns: 1, delaySeconds: 0, reason: "timeout" });
    await worker.postpone(await claimed(ref), { state: "queued", unknowns: 1, delaySeconds: 0, reason: "refused connection" });

    expect(await rows("select state, last_error from satang.operations where id = $1", ref.id)).toEqual([
      { state: "unknown", last_error: "refused connection" },
    ]);
  });
});

describe("an offer", () => {
  test("gives what is due to one of those who ask at once, and not again before the visibility", async () => {
    const tenant = await database.tenant();
    const refs = await Promise.all(Array.from({ length: 50 }, () => anOperation(tenant, { dueNow: true })));
    const dispatchers = [database.as("dispatcher"), database.as("dispatcher")];

    const offered = (await Promise.all(dispatchers.map((dispatcher) => dispatcher.offer("payments", 1000)))).flat();
    const again = await dispatchers[0]!.offer("payments", 1000);

    const mine = offered.filter((ref) => ref.merchantId === tenant.merchantId).map(({ id }) => id);
    expect(mine.toSorted()).toEqual(refs.map(({ id }) => id).toSorted());
    expect(again.filter((ref) => ref.merchantId === tenant.merchantId)).toEqual([]);
  });

  test("counts what waits or is in flight as depth, and not what waits for a later retry", async () => {
    const tenant = await database.tenant();
    const before = (await worker.queueDepths(["payments", "refunds"])).map(({ depth }) => depth);
    const [waiting, inFlight, later] = await Promise.all([anOperation(tenant), anOperation(tenant), anOperation(tenant)]);
    await claimed(inFlight!);
    await worker.postpone(await claimed(later!), { state: "queued", unknowns: 0, delaySeconds: 3_600, reason: "throttled" });

    const after = await worker.queueDepths(["payments", "refunds"]);

    expect(after.map(({ depth }, i) => depth - before[i]!)).toEqual([2, 0]);
    expect(waiting).toBeDefined();
  });
});

describe("two operations of one payment", () => {
  test("that are settled at once both count", async () => {
    const tenant = await database.tenant();
    const charge = await anOperation(tenant, { amount: 1_000 });
    const charged = await claimed(charge);
    await worker.settle(charged, settlementOf(charged, succeeded));
    const refund = { kind: "refund", amount: 100, reason: null, reference: null, metadata: null, dueNow: false } as const;
    const asked = { ...tenant, ...refund, paymentId: charge.paymentId, requestId: "req_1", requestHash: Buffer.alloc(32, 1) };
    const accepted = await Promise.all(Array.from({ length: 7 }, () => api.acceptFollowUp({ ...asked, key: newUuid() })));
    const operations = await Promise.all(accepted.map((one) => (one?.result === "new" ? claimed(one.operation) : expect.unreachable())));

    await Promise.all(operations.map((operation) => worker.settle(operation, settlementOf(operation, succeeded))));

    expect(await api.payment(tenant, charge.paymentId)).toMatchObject({ status: "succeeded", captured: 1_000, refunded: 700, version: 16 });
  });
});

describe("an operation whose worker died", () => {
  test("is due when its lease ends, not a visibility later", async () => {
    const ref = await anOperation(await database.tenant(), { dueNow: true });
    await claimed(ref);

    await database.as("dispatcher").offer("payments", 1000);

    expect(await rows("select due_at = lease_until as due_when_it_ends from satang.operations where id = $1", ref.id)).toEqual([
      { due_when_it_ends: true },
    ]);
  });
});
