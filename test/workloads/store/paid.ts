import { settlementOf } from "../../../workloads/payment/settlement.ts";
import type { NewPayment, Store, Tenant } from "../../../workloads/store/store.ts";
import { aRequest } from "./database.ts";

/** A payment that went its whole way through the store: accepted, claimed, settled with a fee of 6. */
export async function paid(tenant: Tenant, { api, worker }: { api: Store; worker: Store }, given: Partial<NewPayment> = {}) {
  const accepted = await api.accept(aRequest(tenant, given));
  if (accepted.result !== "new") throw new Error(accepted.result);
  const claimed = await worker.claim(accepted.operation);
  if (!claimed || !(await worker.settle(claimed, settlementOf(claimed, { kind: "succeeded", providerReference: "ch_1", fee: 6 }))))
    throw new Error("not settled");
  return { payment: accepted.payment, operation: accepted.operation };
}
