import type { Currency } from "../payment/money.ts";
import type { ReadTransaction } from "./read-transaction.ts";
import type { Tenant } from "./store.ts";

/** What an account held, in minor units; debit is positive. */
export type Balance = { readonly account: string; readonly currency: Currency; readonly amount: number };

/**
 * A merchant's accounts as they stood before a time, or now: the last checkpoints, and what was posted since. Accounts that never moved are
 * not there, those that are back at zero are.
 */
export async function balances(tx: ReadTransaction, { bucket, merchantId }: Tenant, before: Date | undefined): Promise<Balance[]> {
  return tx.query<Balance>(balancesText, [bucket, merchantId, before ?? "infinity"]);
}

const balancesText = `
with fold as (
  select coalesce(max(through), '-infinity') as through from satang.folds where through <= $3::timestamptz
), folded as (
  select distinct on (account, currency) account, currency, amount from satang.checkpoints
  where bucket = $1 and merchant_id = $2 and through <= (select through from fold) order by account, currency, through desc
), since as (
  select account, currency, amount from satang.ledger_entries
  where bucket = $1 and merchant_id = $2 and created_at >= (select through from fold) and created_at < $3::timestamptz
)
select account, currency, sum(amount)::bigint as amount from (table folded union all table since) as moved
group by account, currency order by account collate "C", currency`;
