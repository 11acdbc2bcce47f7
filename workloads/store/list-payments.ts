import type { Payment, PaymentStatus } from "../payment/payment.ts";
import { type Page, type Place, pageOf } from "./page.ts";
import { type PaymentRow, paymentColumns, paymentOf } from "./payment-row.ts";
import type { ReadTransaction } from "./read-transaction.ts";
import type { Tenant } from "./store.ts";

export type PaymentFilter = { readonly status: PaymentStatus | undefined; readonly reference: string | undefined };

/** A merchant's payments in one mode, newest first. */
export function listPayments(tx: ReadTransaction, tenant: Tenant, filter: PaymentFilter, place: Place): Promise<Page<Payment>> {
  const statement = {
    inner: "select * from satang.payments where true",
    around: (inner: string) => `
select ${paymentColumns} from ${inner} as p
where mode = $5 and ($6::text is null or status = $6) and ($7::text is null or reference = $7)
  and ($8::timestamptz is null or created_at >= $8) and ($9::timestamptz is null or created_at < $9)`,
    filters: [tenant.mode, filter.status, filter.reference, place.createdFrom, place.createdBefore],
  };
  return pageOf<PaymentRow, Payment>(tx, statement, { tenant, place, itemOf: paymentOf });
}
