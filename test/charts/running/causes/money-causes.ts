import { setTimeout as sleep } from "node:timers/promises";
import type { Cause } from "../cause.ts";
import type { SteadyShop } from "../steady-shop.ts";

/** By somebody who may do everything: who serves may not. */
export function bookCauses({ name, system }: SteadyShop): Cause[] {
  const labels = { system: name };
  const change = (minorUnits: number) => `alter table satang.ledger_entries disable trigger all;
    update satang.ledger_entries set amount = amount + ${minorUnits} where (bucket, merchant_id, operation_id, line) in
      (select bucket, merchant_id, operation_id, line from satang.ledger_entries order by created_at, operation_id, line limit 1);
    alter table satang.ledger_entries enable trigger all`;
  return [
    {
      alerts: ["SatangBooksDoNotBalance"],
      what: "a ledger entry that was changed by hand",
      labels,
      produce: () => system.sql(change(1)),
      end: () => system.sql(change(-1)),
    },
    {
      alerts: ["SatangBooksNotChecked"],
      what: "a dispatcher that may not read the books any more",
      labels,
      produce: () => system.sql("revoke select on satang.books from satang_dispatcher"),
      end: () => system.sql("grant select on satang.books to satang_dispatcher"),
    },
  ];
}

export function forgedEvents({ name, system }: SteadyShop): Cause {
  const forged = { method: "POST", headers: { "content-type": "application/json" }, body: '{"type": "operation.succeeded"}' };
  return {
    alerts: ["SatangProviderEventsForged"],
    what: "events that the provider did not sign",
    labels: { system: name, provider: "simulator" },
    async produce(fired) {
      while (!fired.aborted) {
        await fetch(`${system.api}/v1/provider-events/simulator`, forged);
        await sleep(300);
      }
    },
  };
}
