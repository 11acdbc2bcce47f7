import { describe, expect, test } from "vitest";
import { coffee, startSystem } from "../../support/system.ts";

describe("one payment, end to end", () => {
  test.each([{ redis: true }, { redis: false }])("is accepted, charged once and booked (%o)", async (options) => {
    await using system = await startSystem(options);

    const paid = await system.pay(coffee, { wait: 20 });

    expect(paid).toMatchObject({ status: 201, body: { status: "succeeded", amount: coffee.amount } });
    expect((await system.get(`/v1/payments/${paid.body.id}`)).body).toMatchObject({ status: "succeeded" });
    expect(await system.effects()).toEqual([expect.objectContaining({ count: 1, amount: coffee.amount, currency: "THB" })]);
    expect(await system.invariants()).toMatchObject({ accepted: 1, found: 1, succeeded: 1, effects: 1, journals: 1, faults: [] });
  });

  test("is the merchant's alone: another one does not find it", async () => {
    await using system = await startSystem({ roles: ["api"] });
    const stranger = await system.newMerchant();

    const { status, body } = await system.pay(coffee);

    expect(status).toBe(202);
    expect(await system.count("payments")).toBe(1);
    expect((await system.get(`/v1/payments/${body.id}`, { merchant: stranger })).status).toBe(404);
  });
});
