import { z } from "zod";
import { closing, declarations, opening, written } from "../payment/hledger.ts";
import { publicId } from "../payment/id.ts";
import { balances } from "../store/balance.ts";
import { type Journal, journals } from "../store/journals.ts";
import type { Days } from "../store/period.ts";
import type { ReadTransaction } from "../store/read-transaction.ts";
import type { Tenant } from "../store/store.ts";
import { daysOf, daysQuery, periodAsked } from "./days.ts";
import { freshness, wishOf } from "./freshness.ts";
import type { ReadingDeps } from "./list-payments.ts";
import type { Route } from "./route.ts";
import { validated } from "./validated.ts";

const query = z.strictObject(daysQuery);
const daysAtMost = 366;

/** `GET /v1/ledger.journal`: a period of the books as an hledger journal, which `hledger check --strict` accepts. */
export function getJournal({ readers }: ReadingDeps): Route {
  return {
    method: "GET",
    path: "/v1/ledger.journal",
    access: "ledger:read",
    load: "report",
    doc: {
      summary: "Export the books",
      description: "Written while it is read. It is whole when its last transaction is the one that asserts the closing balances.",
      query,
      answers: { 200: { description: "An hledger journal, in UTF-8.", otherTypes: ["text/plain"] } },
      problems: [
        "parameter_invalid",
        "parameter_missing",
        "report_too_large",
        "consistency_token_invalid",
        "replica_behind",
        "readers_busy",
      ],
    },
    async handle({ request, tenant }) {
      const days = daysOf(validated(query, request.query), daysAtMost);
      const tx = await readers.open(wishOf(request, { tenant, size: "big" }));
      try {
        const text = disposing(tx, await begun(tx, tenant, days));
        return { status: 200, headers: { ...freshness(tx.asOf), "content-type": "text/plain; charset=utf-8" }, text };
      } catch (error) {
        await tx[Symbol.asyncDispose]();
        throw error;
      }
    },
  };
}

/** What can go wrong with the question does so here, before anything is answered. */
async function begun(tx: ReadTransaction, tenant: Tenant, days: Days): Promise<AsyncGenerator<string>> {
  const period = await periodAsked(tx, days);
  const [before, after] = [await balances(tx, tenant, period.from), await balances(tx, tenant, period.before)];
  const lastDay = new Date(Date.parse(days.to) - 86_400_000).toISOString().slice(0, 10);

  return (async function* () {
    yield `; ${publicId("merchant", tenant.bucket, tenant.merchantId)}, from ${days.from} to before ${days.to}, ${days.timeZone}\n`;
    yield declarations(after) + opening(days.from, before);
    for await (const some of journals(tx, tenant, period, days.timeZone)) yield some.map(entryOf).join("");
    yield closing(lastDay, after);
  })();
}

function entryOf({ bucket, operationId, date, time, kind, paymentId, reference, postings }: Journal): string {
  const payment = publicId("payment", bucket, paymentId);
  const tags = { time, payment, ...(reference === null ? {} : { reference }) };
  return written({ date, code: publicId("operation", bucket, operationId), description: `${kind} of ${payment}`, tags, postings });
}

// The transaction ends with the text: when it is read to its end, when it breaks off, and when nobody begins to read it.
function disposing(tx: AsyncDisposable, pieces: AsyncGenerator<string>): AsyncIterable<string> {
  const end = () => tx[Symbol.asyncDispose]();
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          const piece = await pieces.next();
          if (piece.done) await end();
          return piece;
        } catch (error) {
          await end();
          throw error;
        }
      },
      async return() {
        await pieces.return(undefined);
        await end();
        return { done: true, value: undefined };
      },
    }),
  };
}
