import type pg from "pg";
import type { Currency } from "../../../workloads/payment/money.ts";
import type { ClaimedOperation } from "../../../workloads/payment/operation.ts";
import { settlementOf } from "../../../workloads/payment/settlement.ts";
import { accept, acceptValues, byKeyOrder, type Numbered, numbered } from "../../../workloads/store/accept.ts";
import { byRefOrder, claim, claimValues } from "../../../workloads/store/claim.ts";
import { openDatabase } from "../../../workloads/store/database.ts";
import { settle, settleValues } from "../../../workloads/store/settle.ts";
import type { Payer } from "../scripts.ts";

/** A step of a plan. Times are ms of one loop, with what the steps below it took. */
export type Step = {
  readonly "Node Type": string;
  readonly "Actual Total Time": number;
  readonly "Actual Loops": number;
  readonly "Actual Rows": number;
  /** `CTE paid`, or `InitPlan 2 (returns $5)`. */
  readonly "Subplan Name"?: string;
  readonly "Parent Relationship"?: string;
  readonly "CTE Name"?: string;
  readonly Operation?: string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly Alias?: string;
  readonly Plans?: readonly Step[];
};

/** What Postgres tells of a statement that it ran; all times in ms. */
export type Explained = {
  readonly Plan: Step;
  readonly Triggers: readonly { readonly "Trigger Name": string; readonly Relation: string; readonly Time: number }[];
  /** In which it read the values, too. */
  readonly "Planning Time": number;
  readonly "Execution Time": number;
};

/** Rows of a statement: as many as a batch has at most. */
export const rowsOfBatch = 128;
export type StatementName = "accept" | "claim" | "settle";
type Statement = { readonly name: string; readonly text: string };

/**
 * Accepts, claims and settles batches of payments in the store, each statement under `explain (analyze)`, in a session with the settings and
 * the plan of those that serve. The first `warmUp` batches are not told of. Throws when a statement did not do all of its rows.
 */
export async function explained(
  { postgresUrl, payer }: { readonly postgresUrl: string; readonly payer: Payer },
  { batches, warmUp }: { readonly batches: number; readonly warmUp: number },
): Promise<Record<StatementName, Explained[]>> {
  const pool = openDatabase({ url: postgresUrl, connections: 1, applicationName: "satang-bench" });
  const session = await pool.connect();
  const found: Record<StatementName, Explained[]> = { accept: [], claim: [], settle: [] };
  try {
    for (const { name, text } of [accept, claim, settle]) await session.query(`prepare explained_${name} as ${text}`);
    for (let i = 0; i < warmUp + batches; i++) {
      const rows = someRequests(payer).toSorted((a, b) => byKeyOrder(a.request, b.request));
      const accepted = await explain(session, accept, acceptValues(rows, 30));
      const operations = rows.map(claimedFrom).toSorted(byRefOrder);
      const claimed = await explain(session, claim, claimValues(operations, 60));
      const settling = operations.map((operation) => ({ claimed: operation, settlement: settlementOf(operation, answer) }));
      const settled = await explain(session, settle, settleValues(settling));
      if (i < warmUp) continue;
      found.accept.push(accepted);
      found.claim.push(claimed);
      found.settle.push(settled);
    }
  } finally {
    session.release(true);
    await pool.end();
  }
  return found;
}

/**
 * By `execute`, for what is explained with parameters beside it is planned for their values, and not once for all. It takes no parameters
 * itself, so Postgres writes the values out first.
 */
async function explain(session: pg.ClientBase, { name }: Statement, values: readonly unknown[]): Promise<Explained> {
  const literals = values.map((_, i) => `quote_nullable($${i + 1}::text)`).join(", ");
  const written = await session.query<{ values: string }>(`select concat_ws(', ', ${literals}) as values`, [...values]);
  const options = "analyze, timing, costs off, format json";
  const { rows } = await session.query<{ "QUERY PLAN": [Explained] }>(
    `explain (${options}) execute explained_${name}(${written.rows[0]!.values})`,
  );
  const [done] = rows[0]!["QUERY PLAN"];
  if (done.Plan["Actual Rows"] !== rowsOfBatch) throw new Error(`${name} did ${done.Plan["Actual Rows"]} of ${rowsOfBatch} rows`);
  return done;
}

const answer = { kind: "succeeded", providerReference: "ch_bench", fee: 6 } as const;
const random = () => Math.floor(Math.random() * 1e9);

function someRequests({ bucket, merchantId }: Payer): Numbered[] {
  return Array.from({ length: rowsOfBatch }, () =>
    numbered({
      ...{ bucket, merchantId, mode: "test", key: `bench-${random()}-${random()}` },
      ...{ requestHash: Buffer.alloc(32, 7), requestId: "req_bench", amount: 350, currency: "THB" as Currency, capture: "automatic" },
      ...{ method: { type: "card", token: "tok_visa" }, provider: "simulator", reference: null, metadata: {}, dueNow: false },
    }),
  );
}

/** What `claim` would have returned, which `explain` keeps to itself. */
function claimedFrom({ request, paymentId, operationId }: Numbered): ClaimedOperation {
  const { bucket, merchantId, amount, currency, provider, method } = request;
  return {
    ...{ bucket, merchantId, id: operationId, paymentId, kind: "charge", amount, currency, provider, method },
    ...{ parentReference: null, attempt: 1, resolving: false, unknowns: 0, firstSentAt: new Date(), createdAt: new Date() },
  };
}
