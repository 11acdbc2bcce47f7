import { createRequire } from "node:module";

// The package is CommonJS data; a named ESM import of it does not exist.
const codes: { code(code: string): { digits: number } | undefined; codes(): string[] } = createRequire(import.meta.url)("currency-codes");

/** Whole minor units (satang, cent, yen) in an ISO 4217 currency. Never a fraction, never beyond 2^53 − 1. */
export type Money = { readonly amount: number; readonly currency: Currency };

/** An ISO 4217 code in capitals, for instance `THB`. */
export type Currency = string & { readonly __brand: "Currency" };

/** The largest amount that one operation may carry: 10^12 minor units. Sums of a thousand such still fit a safe integer. */
export const maxAmount = 1_000_000_000_000;

// Metals, funds and test codes are in ISO 4217 too, but nobody pays a coffee with them.
const notMoney = new Set(["XAU", "XAG", "XPD", "XPT", "XTS", "XXX", "XBA", "XBB", "XBC", "XBD", "XDR", "XSU", "XUA"]);
const currencies: ReadonlySet<string> = new Set(codes.codes().filter((code) => !notMoney.has(code)));

/** Whether a string is the code of a currency that people pay with, in capitals. */
export function isCurrency(code: string): code is Currency {
  return currencies.has(code);
}

/** How many digits follow the point: 2 for THB, 0 for JPY, 3 for KWD. By ISO 4217, never by `Intl`, which differs for 16 currencies. */
export function digitsOf(currency: Currency): number {
  const found = codes.code(currency);
  if (!found) throw new Error(`${currency} is not an ISO 4217 currency`);
  return found.digits;
}

/** The amount as people write it, for instance `350.00 THB`. Exact: made from the digits, not by division. */
export function formatMoney({ amount, currency }: Money): string {
  const digits = digitsOf(currency);
  const sign = amount < 0 ? "-" : "";
  const whole = String(Math.abs(amount)).padStart(digits + 1, "0");
  const point = whole.length - digits;
  return `${sign}${whole.slice(0, point)}${digits > 0 ? `.${whole.slice(point)}` : ""} ${currency}`;
}
