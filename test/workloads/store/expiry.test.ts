import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FollowUpKind } from "../../../workloads/payment/follow-up.ts";
import { newUuid } from "../../../workloads/payment/id.ts";
import type { Answer, OperationRef } from "../../../workloads/payment/operation.ts";
import type { Payment } from "../../../workloads/payment/payment.ts";
import { settlementOf } from "../../../workloads/payment/settlement.ts";
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

const yes: Answer = { kind: "succeeded", providerReference: "auth_1", fee: 0 };
const no: Answer = { kind: "declined", code: "refused_by_provider", providerReference: null };

async function settle(ref: OperationRef, answer: Answer): Promise<void> {
  const claimed = await worker.claim(ref);
  if (!claimed || !(await worker.settle(claimed, settlementOf(claimed, answer)))) throw new Error("not settled");
}

/** A payment of 3.50 THB that is held, and the operation that lets it go. */
async function held(answer = yes): Promise<{ tenant: Tenant; payment: Payment; expiry: OperationRef }> {
  const tenant = await database.tenant();
  const accepted = await api.accept(aRequest(tenant, { capture: "manual" }));
  if (accepted.result !== "new") throw new Error(accepted.result);
  await settle(accepted.operation, answer);
  const [row] = await operations(tenant, "expire");
  return { tenant, payment: accepted.payment, expiry: { bucket: tenant.bucket, merchantId: tenant.merchantId, id: row!.id } };
}

async function ask(tenant: Tenant, { id: paymentId, amount }: Payment, kind: FollowUpKind): Promise<OperationRef> {
  const given = { reason: null, reference: null, metadata: null, dueNow: false, requestId: "req_1", requestHash: Buffer.alloc(32, 1) };
  const accepted = await api.acceptFollowUp({ ...tenant, ...given, key: newUuid(), paymentId, kind, amount });
  if (accepted?.result !== "new") throw new Error(accepted?.result);
  return accepted.operation;
}

type Row = { id: string; state: string; due_in: number; parent_reference: string; amount: number };
async function operations({ merchantId }: Tenant, kind: string): Promise<Row[]> {
  const { rows } = await database.owner.query(
    `select id, state, extract(epoch from due_at - now())::float8 as due_in, parent_reference, amount::int
     from satang.operations where merchant_id = $1 and kind = $2`,
    [merchantId, kind],
  );
  return rows;
}

const told = async ({ merchantId }: Tenant): Promise<string[]> =>
  (await database.owner.query("select type from satang.events where merchant_id = $1 order by id", [merchantId])).rows.map(
    ({ type }) => type,
  );

async function entries({ merchantId }: Tenant): Promise<string[]> {
  const { rows } = await database.owner.query(
    "select account, amount::int from satang.ledger_entries where merchant_id = $1 order by operation_id, line",
    [merchantId],
  );
  return rows.map(({ account, amount }) => `${account} ${amount}`);
}

const now = async (tenant: Tenant, { id }: Payment) => (await api.payment(tenant, id))!;

describe("what was authorized", () => {
  test.for([
    ["seven days", undefined, 7 * 86_400],
    ["as long as the provider says", 3_600, 3_600],
  ] as const)("is held for %s, and then let go by an operation that nobody counts before", async ([, holdSeconds, seconds]) => {
    const { tenant } = await held({ ...yes, holdSeconds });

    const [expiry, ...more] = await operations(tenant, "expire");

    expect(more).toEqual([]);
    expect(expiry).toMatchObject({ state: "queued", parent_reference: "auth_1", amount: 350 });
    expect(Math.abs(expiry!.due_in - seconds)).toBeLessThan(60);
    expect(await worker.queueDepths(["payments"])).toMatchObject([{ depth: 0, oldestSeconds: 0 }]);
  });

  test.for(["capture", "void"] as const)("needs not be let go after a %s that succeeded", async (kind) => {
    const { tenant, payment, expiry } = await held();

    await settle(await ask(tenant, payment, kind), yes);

    expect(await operations(tenant, "expire")).toMatchObject([{ state: "declined" }]);
    expect(await worker.claim(expiry)).toBeUndefined();
    expect(await told(tenant)).toEqual(["payment.requires_capture", kind === "capture" ? "payment.succeeded" : "payment.canceled"]);
  });

  test("is let go still after a capture that was declined", async () => {
    const { tenant, payment, expiry } = await held();
    await settle(await ask(tenant, payment, "capture"), no);

    await settle(expiry, yes);

    expect(await now(tenant, payment)).toMatchObject({ status: "expired", captured: 0, pending: null });
    expect(await told(tenant)).toEqual(["payment.requires_capture", "payment.capture_failed", "payment.expired"]);
    expect(await entries(tenant)).toEqual([]);
  });

  test("cannot be asked for once it was let go", async () => {
    const { tenant, payment, expiry } = await held();
    await settle(expiry, yes);

    await expect(ask(tenant, payment, "capture")).rejects.toThrow("refused");
  });
});

describe("a capture and the end of its authorization at once", () => {
  test("are decided by the provider: captured, and the expiry declined", async () => {
    const { tenant, payment, expiry } = await held();
    const capture = await ask(tenant, payment, "capture");

    await settle(expiry, no);
    expect(await now(tenant, payment)).toMatchObject({ status: "requires_capture", pending: "capture" });
    await settle(capture, yes);

    expect(await now(tenant, payment)).toMatchObject({ status: "succeeded", captured: 350, pending: null });
    expect(await told(tenant)).toEqual(["payment.requires_capture", "payment.succeeded"]);
  });

  test("that both succeeded are money that came late: it goes by way of suspense, and the payment has succeeded", async () => {
    const { tenant, payment, expiry } = await held();
    const capture = await ask(tenant, payment, "capture");
    await settle(expiry, yes);

    await settle(capture, { ...yes, fee: 6 });

    expect(await now(tenant, payment)).toMatchObject({ status: "succeeded", captured: 350, pending: null });
    expect(await entries(tenant)).toEqual([
      "provider.receivable:simulator 350",
      "merchant.pending -350",
      "merchant.pending 6",
      "provider.receivable:simulator -6",
      "suspense.unapplied 350",
      "suspense.unapplied -350",
    ]);
    expect(await told(tenant)).toEqual(["payment.requires_capture", "payment.expired", "payment.succeeded"]);
  });

  test("of which the capture was heard first leave the payment succeeded", async () => {
    const { tenant, payment, expiry } = await held();
    const capture = await ask(tenant, payment, "capture");
    const expiring = (await worker.claim(expiry))!;
    await settle(capture, yes);

    await worker.settle(expiring, settlementOf(expiring, yes));

    expect(await now(tenant, payment)).toMatchObject({ status: "succeeded", captured: 350 });
    expect(await operations(tenant, "expire")).toMatchObject([{ state: "succeeded" }]);
    expect(await told(tenant)).toEqual(["payment.requires_capture", "payment.succeeded"]);
    expect(await entries(tenant)).toEqual(["provider.receivable:simulator 350", "merchant.pending -350"]);
  });
});
