import type { Tenant } from "../store/tenant.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Concurrency } from "./concurrency.ts";
import type { Overload } from "./overload.ts";
import { Refusal } from "./problem.ts";
import type { Rate } from "./rate.ts";
import type { LoadClass } from "./route.ts";

export type Gates = {
  /** Why a new payment of his is not let in now. */
  readonly refusalOf: (tenant: Tenant) => Refusal | undefined;
  readonly rate: Rate | undefined;
  readonly concurrency: Concurrency;
  readonly overload: Overload;
  readonly metrics: Pick<Metrics, "loadShed">;
};

/** Lets a merchant's request in, or refuses it before it costs anything. The answer is called when the request was answered. */
export function enter({ merchantId, bucket }: Tenant, load: LoadClass, { rate, concurrency, overload, metrics }: Gates): () => void {
  try {
    rate?.take(merchantId);
    const leave = concurrency.enter(merchantId);
    if (load === "payment" || !overload.sheds(load, bucket)) return leave;
    leave();
  } catch (refusal) {
    if (refusal instanceof Refusal) metrics.loadShed.inc({ class: load, reason: refusal.code });
    throw refusal;
  }
  metrics.loadShed.inc({ class: load, reason: "overloaded" });
  throw overloaded();
}

/** There is more to do than can be done. New payments are the last to be refused. */
export function overloaded(): Refusal {
  const detail =
    "There is more to do than can be done at the moment. Nothing was done; send the same request again after Retry-After seconds.";
  return new Refusal({ code: "overloaded", detail }, { headers: { "retry-after": String(1 + Math.floor(Math.random() * 3)) } });
}
