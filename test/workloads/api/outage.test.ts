import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { newApiKey } from "../../../workloads/api-key.ts";
import { type Served, serve } from "./served.ts";
import { coffee, type Shop } from "./shop.ts";

let served: Served;
let shop: Shop;
beforeEach(async () => {
  served = await serve();
  shop = await served.shop();
});
afterEach(() => served[Symbol.asyncDispose]());

describe("while there is no primary", () => {
  test("everything is refused with 503 and a time to come back, and the same request then runs as the first", async () => {
    const before = await shop.pay(coffee, { key: "before" });
    await served.postgres.kill("SIGQUIT");

    const answers = await Promise.all([
      shop.pay(coffee, { key: "during" }),
      shop.pay(coffee, { key: "before" }),
      shop.ask(`/v1/payments/${before.body.id}`),
      shop.ask("/v1/idempotency-keys/before"),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ status: 503, body: { code: "store_unavailable" } });
    for (const answer of answers) expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);

    await served.postgres.start();
    const during = await shop.pay(coffee, { key: "during", headers: { prefer: "wait=20" } });
    expect(during).toMatchObject({ status: 201, body: { status: "succeeded" } });
    expect((await shop.pay(coffee, { key: "before" })).body.id).toBe(before.body.id);
    expect(await shop.count("payments")).toBe(2);
  });

  test("a key that nobody remembers is neither let in nor called false", async () => {
    await served.postgres.kill("SIGQUIT");

    const answer = await shop.pay(coffee, { key: "k", secretKey: newApiKey("sk", "test") });

    expect(answer).toMatchObject({ status: 503, body: { code: "store_unavailable" } });
  });
});

describe("an API that is told to end", () => {
  test("answers who waits, takes nothing more, and is gone in a moment", async () => {
    const slow = { ...coffee, method: { type: "card", token: "tok_never_known" } };
    const waiting = shop.pay(slow, { key: "k", headers: { prefer: "wait=30" } });
    await expect.poll(() => shop.count("payments")).toBe(1);
    const start = performance.now();

    const ended = served.api.stop();

    expect(await waiting).toMatchObject({ status: 202, body: { status: "processing" } });
    expect((await waiting).headers.get("connection")).toBe("close");
    await ended;
    expect(performance.now() - start).toBeLessThan(3_000);
    expect(served.log()).toContain('"code":0,"msg":"stopped"');
    await expect(shop.pay(coffee, { key: "l" })).rejects.toThrow();
  });
});
