import pg from "pg";
import { parsePublicId } from "../../../workloads/payment/id.ts";
import type { Effect } from "../simulator/simulator-process.ts";

/** What is true in the end, counted from the rows and from what the provider did. */
export type Verdict = {
  /** Keys under which a merchant was told 202 or 201. */
  readonly accepted: number;
  readonly found: number;
  /** Accepted, and not there. */
  readonly lost: number;
  readonly succeeded: number;
  readonly declined: number;
  readonly needsReview: number;
  /** Operations that have not ended. */
  readonly open: number;
  /** Operations for which money moved. */
  readonly effects: number;
  /** What moved beyond once for each payment: again for the same operation, for a second one, or for none of ours. */
  readonly doubled: number;
  readonly journals: number;
  /** Each thing that must not be, in a line; empty when all is well. */
  readonly faults: readonly string[];
};

type Asked = { readonly databaseUrl: string; readonly simulatorUrl: string; readonly accepted: ReadonlyMap<string, string> };
type OperationRow = { id: string; payment_id: string; state: string; status: string; key: string };
type JournalRow = { operation_id: string; currency: string; off_by: string };

/** Judges a system with one merchant whose payments are all charged at once. `databaseUrl`: as somebody who may read everything. */
export async function judge({ databaseUrl, simulatorUrl, accepted }: Asked): Promise<Verdict> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: operations } = await client.query<OperationRow>(
      `select o.id, o.payment_id, o.state, p.status, k.key from satang.operations o
       join satang.payments p using (bucket, merchant_id) join satang.idempotency_keys k on k.payment_id = p.id where p.id = o.payment_id`,
    );
    const { rows: journals } = await client.query<JournalRow>(
      "select operation_id, currency, sum(amount) as off_by from satang.ledger_entries group by operation_id, currency",
    );
    const { rows: payments } = await client.query<{ id: string }>("select id from satang.payments");
    const effects = await effectsOf(simulatorUrl);
    return verdict({ accepted, operations, journals, payments: new Set(payments.map(({ id }) => id)), effects });
  } finally {
    await client.end();
  }
}

/** How many operations have not ended. */
export async function openOperations(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ open: number }>("select count(*)::int as open from satang.operations where is_open");
    return rows[0]!.open;
  } finally {
    await client.end();
  }
}

async function effectsOf(simulatorUrl: string): Promise<Effect[]> {
  const all: Effect[] = [];
  for (let cursor: number | null = 0; cursor !== null; ) {
    const answer = await fetch(`${simulatorUrl}/v1/effects?cursor=${cursor}&limit=10000`);
    const page = (await answer.json()) as { effects: Effect[]; next: number | null };
    all.push(...page.effects);
    cursor = page.next;
  }
  return all;
}

type Facts = {
  accepted: ReadonlyMap<string, string>;
  operations: OperationRow[];
  journals: JournalRow[];
  payments: Set<string>;
  effects: Effect[];
};

function verdict({ accepted, operations, journals, payments, effects }: Facts): Verdict {
  const faults: string[] = [];
  const byKey = new Map(operations.map((operation) => [operation.key, operation]));
  const moved = new Map(effects.map((effect) => [effect.key, effect.count]));
  const posted = new Set(journals.map((journal) => journal.operation_id));

  let lost = 0;
  for (const [key, id] of accepted) {
    if (byKey.get(key)?.payment_id === parsePublicId("payment", id)?.uuid) continue;
    lost += 1;
    faults.push(`${key}: ${id} was accepted and is not there`);
  }
  let doubled = 0;
  for (const { key, count } of effects) {
    if (count === 1) continue;
    doubled += 1;
    faults.push(`operation ${key}: money moved ${count} times`);
  }
  const charged = new Set<string>();
  const known = new Set<string>();
  for (const { id, payment_id, state, status, key } of operations) {
    known.add(id);
    const hasMoved = moved.has(id);
    if (hasMoved && charged.has(payment_id)) {
      doubled += 1;
      faults.push(`${key}: two operations of payment ${payment_id} moved money`);
    }
    if (hasMoved) charged.add(payment_id);
    if ((state === "succeeded") !== (status === "succeeded")) faults.push(`${key}: its operation is ${state}, its payment ${status}`);
    if ((state === "succeeded") !== hasMoved && state !== "needs_review")
      faults.push(`${key}: its operation is ${state}, and money ${hasMoved ? "moved" : "never moved"}`);
    if (posted.has(id) !== hasMoved && state !== "needs_review")
      faults.push(`${key}: money ${hasMoved ? "moved" : "never moved"}, and ${posted.has(id) ? "a" : "no"} journal says so`);
  }
  for (const key of moved.keys()) {
    if (known.has(key)) continue;
    doubled += 1;
    faults.push(`money moved for ${key}, which is no operation of ours`);
  }
  if (payments.size !== operations.length) faults.push(`${payments.size} payments have ${operations.length} operations`);
  for (const { operation_id, currency, off_by } of journals)
    if (BigInt(off_by) !== 0n) faults.push(`the journal of ${operation_id} is off by ${off_by} ${currency}`);
  for (const [currency, offBy] of sums(journals)) if (offBy !== 0n) faults.push(`the books are off by ${offBy} ${currency}`);

  const inState = (state: string) => operations.filter((operation) => operation.state === state).length;
  return {
    accepted: accepted.size,
    found: accepted.size - lost,
    lost,
    succeeded: inState("succeeded"),
    declined: inState("declined"),
    needsReview: inState("needs_review"),
    open: inState("queued") + inState("sent") + inState("unknown"),
    effects: effects.length,
    doubled,
    journals: posted.size,
    faults,
  };
}

function sums(journals: readonly JournalRow[]): Map<string, bigint> {
  const byCurrency = new Map<string, bigint>();
  for (const { currency, off_by } of journals) byCurrency.set(currency, (byCurrency.get(currency) ?? 0n) + BigInt(off_by));
  return byCurrency;
}
