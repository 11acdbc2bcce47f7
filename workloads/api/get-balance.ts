import { z } from "zod";
import { balances } from "../store/balance.ts";
import { freshness, wishOf } from "./freshness.ts";
import { hashedJson } from "./hashed.ts";
import type { ReadingDeps } from "./list-payments.ts";
import { Refusal } from "./problem.ts";
import type { Route } from "./route.ts";
import { validated } from "./validated.ts";

const query = z.strictObject({
  at: z.iso
    .datetime({ offset: true, error: "a time that has been, like 2026-11-24T12:00:00Z" })
    .optional()
    .describe("As it stood before this time; default: now."),
});

const money = z.strictObject({ amount: z.int(), currency: z.string() });
const schema = z.strictObject({
  object: z.literal("balance"),
  at: z.iso.datetime().nullable(),
  available: z.array(money).describe("What may be refunded or paid out, in minor units."),
  pending: z.array(money).describe("What was charged, less fees, and not yet released."),
  accounts: z.array(z.strictObject({ account: z.string(), currency: z.string(), amount: z.int().describe("Debit is positive.") })),
});

/** `GET /v1/balance`: every account of the merchant's ledger, now or at a time. */
export function getBalance({ readers }: ReadingDeps): Route {
  return {
    method: "GET",
    path: "/v1/balance",
    access: "ledger:read",
    load: "read",
    doc: {
      summary: "Get the balance",
      query,
      answers: { 200: { description: "The accounts that ever moved.", body: schema }, 304: { description: "You have it." } },
      problems: ["parameter_invalid", "consistency_token_invalid", "replica_behind", "readers_busy", "read_too_slow"],
    },
    async handle({ request, tenant }) {
      const at = timeOf(validated(query, request.query).at);
      return readers.read(wishOf(request, { tenant, size: "small" }), async (tx) => {
        const accounts = await balances(tx, tenant, at);
        // What we owe a merchant is credit in our books, and positive to him.
        const owed = (name: string) =>
          accounts.filter(({ account }) => account === name).map(({ currency, amount }) => ({ amount: 0 - amount, currency }));
        const body: z.output<typeof schema> = {
          object: "balance",
          at: at?.toISOString() ?? null,
          available: owed("merchant.available"),
          pending: owed("merchant.pending"),
          accounts: [...accounts],
        };
        return hashedJson(request, body, freshness(tx.asOf));
      });
    },
  };
}

function timeOf(at: string | undefined): Date | undefined {
  const time = at === undefined ? undefined : new Date(at);
  if (time === undefined || time.getTime() <= Date.now()) return time;
  throw new Refusal({ code: "parameter_invalid", detail: "at must be a time that has been; leave it out for now.", param: "at" });
}
