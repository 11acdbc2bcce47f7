import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { coffee, type Merchant, type TestSystem } from "../../support/system.ts";
import { answers, type Behaviour, cuts, hangs, type Receiver, receiver, verified } from "./receiver.ts";
import { anEndpoint, deliveries, type Endpoint, paid, startTelling } from "./told.ts";

let system: TestSystem;
beforeAll(async () => {
  const hurried = { VISIBILITY_SECONDS: "2", LEASE_SECONDS: "5", PROVIDER_TIMEOUT_SECONDS: "2" };
  system = await startTelling({ env: { worker: hurried, dispatcher: { VISIBILITY_SECONDS: "2" } } });
});
afterAll(() => system[Symbol.asyncDispose]());

type Shop = { merchant: Merchant; endpoint: Endpoint; server: Receiver; [Symbol.asyncDispose](): Promise<void> };

/** A merchant of its own with a server and an endpoint there. */
async function aShop(behaviour?: Behaviour): Promise<Shop> {
  const merchant = await system.newMerchant();
  const server = await receiver(behaviour);
  const endpoint = await anEndpoint(system, merchant, { url: `${server.url}/hooks?shop=7` });
  return { merchant, endpoint, server, [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose]() };
}

async function ended({ merchant, endpoint }: Shop, status: string) {
  await system.until(async () => (await deliveries(system, merchant, endpoint))[0]?.status === status, `a delivery that is ${status}`);
  return (await deliveries(system, merchant, endpoint))[0];
}

describe("a payment that is settled", () => {
  test("is told to its merchant, signed as the library of Standard Webhooks verifies, as the API shows the event", async () => {
    await using shop = await aShop();
    const payment = await paid(system, shop.merchant);
    await system.until(async () => shop.server.got.length > 0, "told");

    const [got] = shop.server.got;
    const event = verified(got!, shop.endpoint.secret);
    expect(got!.path).toBe("/hooks?shop=7");
    expect(got!.headers["content-type"]).toBe("application/json");
    expect(event).toMatchObject({ object: "event", type: "payment.succeeded", payment, data: { status: "succeeded" } });
    expect(got!.headers["webhook-id"]).toBe(event.id);
    expect((await system.get(`/v1/events/${event.id}`, { merchant: shop.merchant })).body).toEqual(event);
    expect(() => verified({ ...got!, body: got!.body.replace("35000", "35001") }, shop.endpoint.secret)).toThrow();
    expect(() => verified(got!, `whsec_${Buffer.alloc(32).toString("base64")}`)).toThrow();
  });

  test("is told once, to each endpoint that asked for it", async () => {
    await using shop = await aShop();
    const other = await anEndpoint(system, shop.merchant, { url: `${shop.server.url}/other`, event_types: ["payment.failed"] });
    await paid(system, shop.merchant);
    await system.pay({ ...coffee, method: { type: "card", token: "tok_declined" } }, { merchant: shop.merchant, wait: 20 });
    await system.until(async () => shop.server.got.length >= 3, "told");
    await ended(shop, "delivered");

    expect(shop.server.at("/hooks?shop=7").map((got) => verified(got, shop.endpoint.secret).type)).toEqual([
      "payment.succeeded",
      "payment.failed",
    ]);
    expect(shop.server.at("/other").map((got) => verified(got, other.secret).type)).toEqual(["payment.failed"]);
  });
});

describe("a receiver", () => {
  test("that answers 500, hangs, and cuts the line is asked again under the same id, until it takes it", async () => {
    const troubles: Behaviour[] = [answers(500, {}, "oh no"), hangs, cuts];
    await using shop = await aShop((request) => (troubles[request.count - 1] ?? answers(200))(request));
    await paid(system, shop.merchant);

    const delivery = await ended(shop, "delivered");

    const events = shop.server.got.map((got) => verified(got, shop.endpoint.secret).id);
    expect(events).toEqual(Array.from({ length: 4 }, () => delivery.event));
    expect(new Set(shop.server.got.map((got) => got.headers["webhook-id"]))).toEqual(new Set([delivery.event]));
    expect(delivery.attempts.toReversed()).toMatchObject([
      { status_code: 500, error: "it answered 500", answer: "oh no" },
      { status_code: null, error: "no answer in 1 s" },
      { status_code: null, error: "the connection was cut before an answer came" },
      { status_code: 200, error: null, answer: "thanks" },
    ]);
    expect((await system.get(shop.endpoint.path, { merchant: shop.merchant })).body).toMatchObject({
      status: "enabled",
      failing_since: null,
    });
  });

  test("that nobody listens at is asked until the schedule ends; then it can be resent", async () => {
    await using shop = await aShop();
    await shop.server[Symbol.asyncDispose]();
    await paid(system, shop.merchant);
    const url = `${shop.server.url}/hooks?shop=7`;
    // The schedule without its pauses: by hand, again and again, for a try that is under way is not due.
    const isGivenUp = async () => {
      const [endpoint] = await system.sql<{ id: string }>(
        "update satang.webhook_endpoints set paused_until = null where url = $1 returning id",
        [url],
      );
      await system.sql("update satang.operations set tries = 12, due_at = now() where endpoint_id = $1 and state = 'queued'", [
        endpoint!.id,
      ]);
      return (await deliveries(system, shop.merchant, shop.endpoint))[0].status === "failed";
    };
    await system.until(async () => (await deliveries(system, shop.merchant, shop.endpoint))[0]?.attempts.length > 0, "tried");
    await system.until(isGivenUp, "given up");

    const [failed] = await deliveries(system, shop.merchant, shop.endpoint);
    expect(failed.reason).toBe("the connection was refused");
    await using back = await receiver(answers(200), { port: shop.server.port });
    const resent = await system.send("POST", `${shop.endpoint.path}/resend-failed`, {
      merchant: shop.merchant,
      body: { since: new Date(Date.now() - 60_000).toISOString() },
    });
    expect(resent).toMatchObject({ status: 202, body: { resent: 1, next_since: null } });

    const delivered = await ended(shop, "delivered");
    expect(delivered.id).not.toBe(failed.id);
    expect(back.got.map((got) => verified(got, shop.endpoint.secret).id)).toEqual([failed.event]);
    const again = await system.send("POST", `${shop.endpoint.path}/deliveries/${delivered.id}/resend`, { merchant: shop.merchant });
    expect(again.status).toBe(202);
    await system.until(async () => back.got.length === 2, "resent");
    expect(back.got[1]!.headers["webhook-id"]).toBe(failed.event);
  });

  test("that answers 410 is sent nothing more", async () => {
    await using shop = await aShop(answers(410));
    await paid(system, shop.merchant);
    await ended(shop, "failed");
    await paid(system, shop.merchant);

    expect(await deliveries(system, shop.merchant, shop.endpoint)).toHaveLength(1); // they are made by the commit that settles the payment
    expect(shop.server.got).toHaveLength(1);
    const { body } = await system.get(shop.endpoint.path, { merchant: shop.merchant });
    expect(body).toMatchObject({ status: "disabled", disabled_reason: "gone" });
    const resend = await system.send("POST", `${shop.endpoint.path}/resend-failed`, {
      merchant: shop.merchant,
      body: { since: "2026-01-01T00:00:00Z" },
    });
    expect(resend).toMatchObject({ status: 409, body: { code: "webhook_endpoint_disabled" } });
  });

  test("that redirects is not followed", async () => {
    await using elsewhere = await receiver();
    await using shop = await aShop(({ response, count }) =>
      answers(count === 1 ? 307 : 200, { location: elsewhere.url })({ path: "", count, response }),
    );
    await paid(system, shop.merchant);

    const delivery = await ended(shop, "delivered");

    expect(delivery.attempts.at(-1)).toMatchObject({ status_code: 307, error: expect.stringContaining("redirects are not followed") });
    expect(elsewhere.got).toEqual([]);
  });

  test("that asks for time is given it", async () => {
    await using shop = await aShop((request) => answers(request.count === 1 ? 503 : 200, { "retry-after": "3" })(request));
    await paid(system, shop.merchant);
    await system.until(async () => (await deliveries(system, shop.merchant, shop.endpoint))[0]?.attempts.length === 1, "asked to wait");
    const [{ next_try_at }] = await deliveries(system, shop.merchant, shop.endpoint);
    expect(Date.parse(next_try_at) - Date.now()).toBeGreaterThan(1_500);

    await ended(shop, "delivered");
    expect(shop.server.got[1]!.at - shop.server.got[0]!.at).toBeGreaterThan(2_900);
  });

  test("whose answer never ends has answered all the same", async () => {
    await using shop = await aShop(({ response }) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write("x".repeat(100)), 10);
      response.on("close", () => clearInterval(drip));
    });
    await paid(system, shop.merchant);

    const delivery = await ended(shop, "delivered");

    expect(delivery.attempts).toHaveLength(1);
    expect(delivery.attempts[0].answer.length).toBeLessThanOrEqual(300);
  });

  test("that repeats a card number or a key has not written it into our log", async () => {
    await using shop = await aShop(answers(500, {}, "you sent 4242 4242 4242 4242 with sk_test_abcdefghijkl\u0007"));
    await paid(system, shop.merchant);
    await system.until(async () => (await deliveries(system, shop.merchant, shop.endpoint))[0]?.attempts.length > 0, "tried");

    const [{ attempts }] = await deliveries(system, shop.merchant, shop.endpoint);
    expect(attempts[0].answer).toBe("you sent [card number] with sk_test_…");
  });
});

describe("a secret", () => {
  test("that is rotated signs beside its successor, and the receiver may know either", async () => {
    await using shop = await aShop();
    const rotated = await system.send("POST", `${shop.endpoint.path}/rotate-secret`, {
      merchant: shop.merchant,
      body: { overlap_hours: 1 },
    });
    expect(rotated).toMatchObject({
      status: 200,
      body: { secret: expect.stringMatching(/^whsec_/), previous_secret_expires_at: expect.any(String) },
    });
    await paid(system, shop.merchant);
    await ended(shop, "delivered");

    const [got] = shop.server.got;
    expect(got!.headers["webhook-signature"]!.split(" ")).toHaveLength(2);
    for (const secret of [shop.endpoint.secret, rotated.body.secret]) expect(verified(got!, secret).type).toBe("payment.succeeded");

    await system.send("POST", `${shop.endpoint.path}/rotate-secret`, { merchant: shop.merchant, body: { overlap_hours: 0 } });
    await paid(system, shop.merchant);
    await system.until(async () => shop.server.got.length === 2, "told");
    for (const secret of [shop.endpoint.secret, rotated.body.secret]) expect(() => verified(shop.server.got[1]!, secret)).toThrow();
  });
});

describe("a pool that is killed", () => {
  test("loses no delivery: each is there, under the id of its event", async () => {
    await using server = await receiver((request) => void setTimeout(() => answers(200)(request), 50));
    const merchant = await system.newMerchant();
    const { secret } = await anEndpoint(system, merchant, { url: server.url });
    const payments = new Set<string>();
    for (let i = 0; i < 60; i++) {
      const { body } = await system.pay(coffee, { merchant });
      payments.add(body.id);
      if (i % 20 === 10) system.kill("worker-payments");
    }

    const told = () => new Set(server.got.map((got) => verified(got, secret).payment));
    await system.until(async () => told().size === payments.size, "all are told", 120_000);
    expect(told()).toEqual(payments);
    const ids = server.got.map((got) => `${got.headers["webhook-id"]} ${verified(got, secret).id}`);
    expect(new Set(ids).size).toBe(payments.size);
  });
});
