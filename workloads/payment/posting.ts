import type { Currency } from "./money.ts";
import type { MoneyKind } from "./operation.ts";

/** One line of a journal: debit is positive, credit is negative. */
export type Posting = {
  readonly account: string;
  readonly currency: Currency;
  readonly amount: number;
  /** Written only if the payment had expired by then. */
  readonly ifLate?: true;
};

export const receivable = (provider: string): string => `provider.receivable:${provider}`;

/**
 * What a finished operation means in double entry. The lines of one journal sum to zero in each currency.
 * `authorize`, `void` and `expire` post nothing: a held amount is a field of the payment, not money that moved.
 * What comes for a payment that had expired goes by way of `suspense.unapplied`, where it can be found.
 */
export function journalOf(done: { kind: MoneyKind; provider: string; amount: number; currency: Currency; fee: number }): Posting[] {
  const { kind, provider, amount, currency, fee } = done;
  switch (kind) {
    case "charge":
    case "capture":
      return [
        ...move(receivable(provider), "merchant.pending", amount, currency),
        ...move("merchant.pending", receivable(provider), fee, currency),
        ...(kind === "capture" ? lateBySuspense(amount, currency) : []),
      ];
    case "refund":
      return move("refunds.in_transit", receivable(provider), amount, currency);
    case "authorize":
    case "void":
    case "expire":
      return [];
  }
}

// In, and out again.
const lateBySuspense = (amount: number, currency: Currency): Posting[] =>
  move("suspense.unapplied", "suspense.unapplied", amount, currency).map((line) => ({ ...line, ifLate: true }));

/** Takes the amount out of what the merchant may have, before the provider is asked to give it back. */
export function refundAsked(amount: number, currency: Currency): Posting[] {
  return move("merchant.available", "refunds.in_transit", amount, currency);
}

/** A refund that the provider refused: what was taken is given back. */
export function refundFailed(amount: number, currency: Currency): Posting[] {
  return move("refunds.in_transit", "merchant.available", amount, currency);
}

function move(debit: string, credit: string, amount: number, currency: Currency): Posting[] {
  if (amount === 0) return [];
  return [
    { account: debit, currency, amount },
    { account: credit, currency, amount: -amount },
  ];
}
