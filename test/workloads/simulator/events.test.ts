import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SimulatorProcess, startSimulatorProcess } from "./simulator-process.ts";

type Received = { readonly id: string; readonly event: { type: string; data: { key: string; reference: string | null } } };

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const received: Received[] = [];
let refusals = 0;
const receiver = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  if (refusals-- > 0) return void response.writeHead(500).end();
  const event = new Webhook(secret).verify(Buffer.concat(chunks), request.headers as Record<string, string>);
  received.push({ id: String(request.headers["webhook-id"]), event: event as Received["event"] });
  response.writeHead(204).end();
});

let simulator: SimulatorProcess;
beforeAll(async () => {
  await once(receiver.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  simulator = await startSimulatorProcess({ EVENTS_URL: url, EVENTS_SECRET: secret });
});
afterAll(async () => {
  await simulator[Symbol.asyncDispose]();
  receiver.close();
});

const of = (key: string): Received[] => received.filter(({ event }) => event.data.key === key);
const told = (key: string) => expect.poll(() => of(key).length, { timeout: 20_000 }).toBeGreaterThan(0);

describe("the end of what was pending", () => {
  test("is an effect, an answer to a look-up, and an event that names it and says no more", async () => {
    await simulator.operate({ key: "slow-bank", token: "tok_pending", reference: "mer_1/op_1" });

    const ended = await simulator.end("slow-bank", { status: "succeeded" });

    expect(ended).toMatchObject({ status: 200, body: { status: "succeeded", reference: "sim_slow-bank", fee: 578 } });
    expect((await simulator.lookUp("slow-bank"))?.body).toEqual(ended?.body);
    expect(await simulator.countOf("slow-bank")).toBe(1);
    await told("slow-bank");
    const [{ id, event }] = of("slow-bank") as [Received];
    expect(event).toEqual({
      id,
      type: "charge.succeeded",
      created: expect.any(String),
      data: { key: "slow-bank", reference: "mer_1/op_1" },
    });
  });

  test("comes once: what has ended stays as it is", async () => {
    await simulator.operate({ key: "ended", token: "tok_pending" });
    await simulator.end("ended", { status: "declined", code: "insufficient_funds" });

    expect(await simulator.end("ended", { status: "succeeded" })).toMatchObject({ status: 409, body: { error: { code: "not_pending" } } });
    expect(await simulator.end("never-was", { status: "succeeded" })).toMatchObject({ status: 409 });
    expect(await simulator.operate({ key: "ended", token: "tok_pending" })).toMatchObject({
      status: 402,
      body: { code: "insufficient_funds" },
    });
    expect(await simulator.countOf("ended")).toBe(0);
  });

  test("of refunds gives no more back than was taken, and of a capture may come after its authorization was let go", async () => {
    const [charge, hold] = [
      { key: "taken", amount: 1_000, token: "tok_refund_pending" },
      { kind: "authorize", key: "held", amount: 1_000, token: "tok_capture_pending" },
    ];
    await simulator.operate(charge);
    await simulator.operate(hold);
    for (const key of ["back-1", "back-2"]) await simulator.operate({ kind: "refund", key, amount: 600, parentReference: "sim_taken" });
    await simulator.operate({ kind: "capture", key: "late", amount: 700, parentReference: "sim_held" });
    await simulator.operate({ kind: "expire", key: "let-go", amount: 1_000, parentReference: "sim_held" });

    expect((await simulator.end("back-1", { status: "succeeded" }))?.body.status).toBe("succeeded");
    expect((await simulator.end("back-2", { status: "succeeded" }))?.body).toMatchObject({
      status: "declined",
      code: "amount_exceeds_captured",
    });
    expect((await simulator.end("late", { status: "succeeded" }))?.body.status).toBe("succeeded");
  });
});

describe("an event", () => {
  test("is told again until it was taken, under its one id, over the simulator's own death", async () => {
    refusals = 2;
    await simulator.operate({ key: "refused", token: "tok_pending" });
    await simulator.end("refused", { status: "succeeded" });
    await expect.poll(() => refusals, { timeout: 20_000 }).toBeLessThan(2);

    await simulator.kill();
    await simulator.startAgain();

    await told("refused");
    expect(of("refused").length).toBe(1);
  });

  test("is told of everything that ends when that is asked for", async () => {
    await simulator.operate({ key: "quiet", token: "tok_visa" });
    await simulator.behave({ eventsOf: "all" });
    await simulator.operate({ key: "loud", token: "tok_visa" });
    await simulator.operate({ key: "loud-no", token: "tok_declined" });

    await Promise.all([told("loud"), told("loud-no")]);

    expect(of("loud-no")[0]?.event.type).toBe("charge.declined");
    expect(of("quiet")).toEqual([]);
  });
});
