import { coffee } from "../../../support/system.ts";
import type { Cause } from "../cause.ts";
import type { SteadyShop } from "../steady-shop.ts";

const manyPayments = 1_100;

/** Of a crowd at a shop whose workers and dispatcher go, one after the other. */
export function queueCauses({ name, system }: SteadyShop): Cause[] {
  const labels = { system: name };
  return [
    {
      alerts: ["SatangQueueGrows", "SatangQueueWaits"],
      what: "no worker, and more than a thousand payments",
      labels: { ...labels, queue: "payments" },
      async produce() {
        await system.stop("worker-payments");
        for (let i = 0; i < manyPayments; i += 20) await Promise.all(Array.from({ length: 20 }, () => system.pay(coffee)));
      },
      end: () => system.start("worker-payments"),
    },
    {
      alerts: ["SatangQueueNotSeen"],
      what: "a dispatcher that may not read operations any more",
      labels,
      produce: () => system.sql("revoke select on satang.operations from satang_dispatcher"),
      end: () => system.sql("grant select on satang.operations to satang_dispatcher"),
    },
  ];
}

export function noDispatcher({ name, system }: SteadyShop): Cause {
  return { alerts: ["SatangQueueNotSeen"], what: "no dispatcher", labels: { system: name }, produce: () => system.stop("dispatcher") };
}
