import { setTimeout as sleep } from "node:timers/promises";
import type { OperatorProcess } from "../../operator/api-server/operator-process.ts";
import { coffee } from "../../support/system.ts";
import type { WatchedShop } from "./watched-shop.ts";

interface At {
  readonly shop: WatchedShop;
  readonly operator: OperatorProcess;
}

/** What can be made to go wrong on this machine within seconds, by the alert that must tell of it. In order: the last ones leave little behind. */
export const realCauses: Readonly<Record<string, (at: At) => Promise<unknown>>> = {
  async SatangProviderEventsForged({ shop: { system } }) {
    const forged = { method: "POST", headers: { "content-type": "application/json" }, body: '{"type": "operation.succeeded"}' };
    for (let i = 0; i < 10; i++) {
      await fetch(`${system.api}/v1/provider-events/simulator`, forged);
      await sleep(300);
    }
  },
  async SatangProviderCutOff({ shop: { system } }) {
    await system.behaviour({ down: true });
    for (let i = 0; i < 40; i++) await system.pay(coffee);
  },
  /** By somebody who may do everything: who serves may not. */
  async SatangBooksDoNotBalance({ shop: { system } }) {
    await system.behaviour({});
    await system.sql("alter table satang.ledger_entries disable trigger all");
    await system.sql(`update satang.ledger_entries set amount = amount + 1 where (bucket, merchant_id, operation_id, line) in
      (select bucket, merchant_id, operation_id, line from satang.ledger_entries order by created_at desc limit 1)`);
    await system.sql("alter table satang.ledger_entries enable trigger all");
  },
  async SatangProcessRestarts({ shop: { system } }) {
    const { name, management } = system.processes.find(({ name }) => name === "worker-payments-2")!;
    for (let i = 0; i < 3; i++) {
      const pid = system.pid(name);
      system.kill(name);
      await system.until(async () => system.pid(name) !== pid && (await isRead(management)), "it is back", 60_000);
      await sleep(2_500); // Prometheus has seen it
    }
  },
  SatangProcessDown: ({ shop: { system } }) => system.stop("worker-payments-2"),
  SatangQueueNotSeen: ({ shop: { system } }) => system.stop("dispatcher"),
  SatangOperatorAway: ({ operator }) => operator.kill(),
};

const isRead = (management: string): Promise<boolean> =>
  fetch(`http://${management}/metrics`).then(
    ({ ok }) => ok,
    () => false,
  );
