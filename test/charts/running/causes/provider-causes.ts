import { setTimeout as sleep } from "node:timers/promises";
import { coffee } from "../../../support/system.ts";
import type { Cause } from "../cause.ts";
import type { SteadyShop } from "../steady-shop.ts";

const neverKnown = { ...coffee, method: { type: "card", token: "tok_never_known" } };
const manyPayments = 600;
/** By which it is found among all others. */
const odd = 4_711;

/** What a provider does to a shop, one after the other. The shop refuses payments that would wait longer than ten seconds. */
export function providerCauses({ name, system }: SteadyShop): Cause[] {
  const labels = { system: name };
  const well = () => system.behaviour({});
  return [
    {
      alerts: ["SatangProviderSlow", "SatangPaymentsRefused"],
      what: "a provider that takes six seconds, and more payments than it can do",
      labels,
      async produce() {
        await system.behaviour({ latencyMs: 6_000 });
        for (let i = 0; i < manyPayments; i += 20) await Promise.all(Array.from({ length: 20 }, () => system.pay(coffee)));
      },
      end: well,
    },
    {
      alerts: ["SatangProviderFails"],
      what: "a provider that answers three of ten calls with 500",
      labels,
      produce: () => system.behaviour({ errorRate: 0.3 }),
      end: well,
    },
    {
      alerts: ["SatangProviderCutOff"],
      what: "a provider that cuts every call",
      labels,
      async produce(fired) {
        await system.behaviour({ down: true });
        while (!fired.aborted) {
          await system.pay(coffee);
          await sleep(100);
        }
      },
      end: well,
    },
  ];
}

export function outcomeUnknown({ name, system }: SteadyShop): Cause {
  const hourAgo = `update satang.operations set first_sent_at = first_sent_at - interval '1 hour' where state = 'unknown' and amount = ${odd} returning id`;
  return {
    alerts: ["SatangOutcomeUnknown"],
    what: "a provider that does not say what became of a call; the row's date is set back an hour",
    labels: { system: name, provider: "simulator" },
    async produce() {
      await system.until(async () => (await system.pay({ ...neverKnown, amount: odd })).status === 202, "it is accepted");
      await system.until(async () => (await system.sql(hourAgo)).length > 0, "an outcome is unknown", 120_000);
    },
  };
}

/** Where the provider is asked twice, a second apart, instead of for three days. */
export function needsReview({ name, system }: SteadyShop): Cause {
  return {
    alerts: ["SatangNeedsReview"],
    what: "a provider that never says what became of a call",
    labels: { system: name, provider: "simulator", kind: "charge" },
    produce: () => system.pay(neverKnown),
  };
}
