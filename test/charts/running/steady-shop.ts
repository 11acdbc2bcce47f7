import { setTimeout as sleep } from "node:timers/promises";
import { coffee, type SystemOptions, startSystem, type TestSystem } from "../../support/system.ts";
import { answers, type Receiver, receiver } from "../../workloads/webhook/receiver.ts";
import type { Target } from "./prometheus.ts";

/** A system of real processes at which merchants pay, repeat and look all the time, whatever befalls it. */
export interface SteadyShop extends AsyncDisposable {
  /** Its label `system`. */
  readonly name: string;
  readonly system: TestSystem;
  readonly merchant: Receiver;
  readonly targets: Target[];
}

const pauseMs = 250;

export async function openSteadyShop(name: string, options: SystemOptions = {}): Promise<SteadyShop> {
  const system = await startSystem(options);
  const merchant = await receiver(answers(200));
  await system.send("POST", "/v1/webhook-endpoints", { body: { url: merchant.url } });
  let isOpen = true;
  const asked = new Set<Promise<unknown>>();
  const ask = (answer: Promise<unknown>) => {
    const done = answer.catch(() => {}).finally(() => asked.delete(done)); // a merchant whom nobody answers comes again
    asked.add(done);
  };
  const paying = (async () => {
    while (isOpen) {
      if (asked.size < 100) {
        ask(system.pay(coffee));
        ask(system.get("/v1/payments?limit=1"));
      }
      await sleep(pauseMs);
    }
  })();
  return {
    name,
    system,
    merchant,
    targets: system.processes.map(({ name: process, management }) => ({
      address: management,
      labels: { job: "satang", namespace: "default", system: name, component: process.replace(/-\d+$/, ""), pod: `${name}-${process}` },
    })),
    async [Symbol.asyncDispose]() {
      isOpen = false;
      await paying;
      await system[Symbol.asyncDispose]();
      await Promise.all(asked);
      await merchant[Symbol.asyncDispose]();
    },
  };
}
