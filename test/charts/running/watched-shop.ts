import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { somePort } from "../../support/set-up.ts";
import { type Standby, startStandby } from "../../support/standby.ts";
import { coffee, startSystem, type TestSystem } from "../../support/system.ts";
import { answers, type Receiver, receiver } from "../../workloads/webhook/receiver.ts";
import type { Target } from "./prometheus.ts";

/** A system of real processes to be looked at by Prometheus, with a standby, and a merchant's receiver. */
export interface WatchedShop extends AsyncDisposable {
  readonly system: TestSystem;
  readonly targets: Target[];
  /** What merchants do in a day, in `seconds`: pay, repeat, cancel, refund, read, list, ask for too much; and what banks and receivers do. */
  day(seconds: number): Promise<void>;
}

export async function openWatchedShop(): Promise<WatchedShop> {
  const standbyPort = somePort() + 20_000;
  const system = await startSystem({ workers: 2, standbyPort, env: { api: { REQUESTS_IN_FLIGHT_PER_MERCHANT: "20" } } });
  const standby: Standby = await startStandby({ primaryUrl: system.databaseUrl, port: standbyPort });
  const merchant: Receiver = await receiver(({ count, ...request }) => answers(count % 5 === 0 ? 500 : 200)({ count, ...request }));
  await system.send("POST", "/v1/webhook-endpoints", { body: { url: merchant.url } });
  await system.behaviour({ eventsOf: "all", latencyMs: 20 });

  let doneBefore: string | undefined;
  async function round(): Promise<void> {
    const key = randomUUID();
    const paid = await system.pay(coffee, { key, wait: 5 });
    await system.pay(coffee, { key });
    await system.post(`/v1/payments/${paid.body.id}/refunds`, { amount: 100 }, { wait: 5 });
    const held = await system.pay({ ...coffee, capture: "manual" }, { wait: 5 });
    await system.post(`/v1/payments/${held.body.id}/capture`, {}, { wait: 5 });
    for (const token of ["tok_declined", "tok_unknown_then_ok", "tok_never_known", "tok_error_once"])
      await system.pay({ ...coffee, method: { type: "card", token } });
    for (let i = 0; i < 5; i++) await system.get(`/v1/payments/${paid.body.id}`);
    if (doneBefore) await system.get(`/v1/payments/${doneBefore}`); // a while ago: the process has forgotten it, Redis has not
    await system.get("/v1/payments");
    await system.get("/v1/payments/pay_no");
    const { id } = (await system.pay(coffee, { wait: 5 })).body;
    await system.get(`/v1/payments/${id}`);
    setTimeout(() => {
      doneBefore = id;
    }, 2_000).unref();
  }

  return {
    system,
    targets: system.processes.map(({ name, management }) => ({
      address: management,
      labels: { job: "satang", namespace: "default", system: "shop", component: name.replace(/-\d+$/, ""), pod: `shop-${name}` },
    })),
    async day(seconds) {
      const end = Date.now() + seconds * 1000;
      while (Date.now() < end) {
        await Promise.all([round(), round()]);
        await Promise.all(Array.from({ length: 60 }, () => system.get("/v1/payments"))); // more at once than one merchant may
        await sleep(200);
      }
    },
    async [Symbol.asyncDispose]() {
      await merchant[Symbol.asyncDispose]();
      await standby[Symbol.asyncDispose]();
      await system[Symbol.asyncDispose]();
    },
  };
}
