import { type Currency, digitsOf, formatMoney } from "./money.ts";
import type { Posting } from "./posting.ts";

/** A transaction of an hledger journal. `code` and the tags are ours; a tag's text may be a merchant's, and is made harmless. */
export type HledgerEntry = {
  /** `2026-11-24`. */
  readonly date: string;
  readonly code: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly postings: readonly Posting[];
};

/** Accounts and currencies are declared, so that `hledger check --strict` refuses any other. */
export function declarations(balances: readonly Posting[]): string {
  const currencies = [...new Set(balances.map(({ currency }) => currency))].toSorted();
  const accounts = [...new Set(balances.map(({ account }) => account))].toSorted();
  const lines = [
    ...currencies.map((currency) => `commodity ${sample(currency)}`),
    ...accounts.map((account) => `account ${account}  ; type:${typeOf(account)}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** What the accounts held before the period: it makes the balances at its end right. Nothing when none of them had moved. */
export function opening(date: string, balances: readonly Posting[]): string {
  if (balances.length === 0) return "";
  return `\n${date} * opening balances\n${balances.map(({ account, ...money }) => `    ${account}  ${formatMoney(money)}\n`).join("")}`;
}

export function written({ date, code, description, tags, postings }: HledgerEntry): string {
  const comment = Object.entries(tags).map(([name, text]) => `${name}:${harmless(text)}`);
  const lines = postings.map(({ account, ...money }) => `    ${account}  ${formatMoney(money)}\n`);
  return `\n${date} * (${code}) ${harmless(description)}  ; ${comment.join(", ")}\n${lines.join("")}`;
}

/** Asserts what the accounts hold after all that: hledger fails where our balances and our entries contradict each other. */
export function closing(date: string, balances: readonly Posting[]): string {
  if (balances.length === 0) return "";
  const asserted = balances.map(
    ({ account, amount, currency }) => `    ${account}  ${formatMoney({ amount: 0, currency })} = ${formatMoney({ amount, currency })}\n`,
  );
  return `\n${date} * closing balances\n${asserted.join("")}`;
}

// A directive wants the decimal mark, also where no digit follows it.
const sample = (currency: Currency): string => `1000.${"0".repeat(digitsOf(currency))} ${currency}`;

// Assets are what others owe us or what we hold, liabilities what we owe; fees are income or cost by who takes them.
function typeOf(account: string): "A" | "C" | "L" | "R" | "X" {
  if (account === "bank") return "C";
  if (account === "fees.platform") return "R";
  if (account === "fees.provider") return "X";
  return /^(provider\.|disputes\.)/.test(account) ? "A" : "L";
}

// A new line ends a transaction, a semicolon begins a comment, a comma ends a tag, a bar splits a description.
const harmless = (text: string): string => text.replaceAll(/[\p{Cc}\p{Z};,|]+/gu, " ").trim();
