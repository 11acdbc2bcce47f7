import { edges, type PaymentStatus } from "../../workloads/payment/payment.ts";
import type { TestSystem } from "../support/system.ts";

type Operation = { id: string; kind: string; state: string; amount: number; lines: number };

/** What must be so of the books, the payments, the events and the provider's effects once nothing is under way, and what is not. */
export async function brokenInvariants(system: TestSystem): Promise<{ broken: string[]; figures: { [what: string]: number } }> {
  const broken: string[] = [];
  async function none(what: string, sql: string): Promise<void> {
    const rows = await system.sql<object>(sql);
    if (rows.length > 0) broken.push(`${what}: ${JSON.stringify(rows.slice(0, 3))}`);
  }

  await none(
    "a journal does not sum to zero",
    "select operation_id, sum(amount) from satang.ledger_entries group by operation_id, currency having sum(amount) <> 0",
  );
  await none(
    "a currency does not sum to zero",
    "select currency, sum(amount) from satang.ledger_entries group by currency having sum(amount) <> 0",
  );
  await none(
    "amounts of a payment are out of order",
    "select id, amount, captured, refunded, refunding from satang.payments where not (0 <= refunded and refunded + refunding <= captured and captured <= amount)",
  );
  await none(
    "something is set aside still",
    "select id, refunding, pending, outcome from satang.payments where refunding <> 0 or pending is not null",
  );
  await none(
    "money is in transit for a payment of which nothing is under way",
    `select o.payment_id, sum(l.amount) from satang.ledger_entries l join satang.operations o on o.id = l.operation_id
     where l.account = 'refunds.in_transit' group by o.payment_id having sum(l.amount) <> 0`,
  );
  await none(
    "a payment's amounts are not what its operations moved",
    `select p.id, p.captured, p.refunded from satang.payments p left join satang.operations o on o.payment_id = p.id and o.state = 'succeeded'
     group by p.id, p.captured, p.refunded having p.captured <> coalesce(sum(o.amount) filter (where o.kind in ('charge', 'capture')), 0)
       or p.refunded <> coalesce(sum(o.amount) filter (where o.kind = 'refund'), 0)`,
  );
  await none(
    "an operation that ended has not one event",
    `select o.id, o.kind, count(e.id) from satang.operations o left join satang.events e on e.operation_id = o.id
     where o.kind <> 'deliver' and not o.is_open and (o.kind <> 'expire' or o.state = 'succeeded') group by o.id, o.kind having count(e.id) <> 1`,
  );
  broken.push(...(await wrongSteps(system)));

  const operations = await system.sql<Operation>(
    `select o.id, o.kind, o.state, o.amount::float8 as amount, (select count(*)::int from satang.ledger_entries l where l.operation_id = o.id) as lines
     from satang.operations o where o.kind <> 'deliver'`,
  );
  broken.push(...wrongJournals(operations), ...(await wrongEffects(system, operations)), ...(await wrongBalances(system)));
  const states = Object.groupBy(operations, ({ kind, state }) => `${kind} ${state}`);
  return {
    broken,
    figures: { operations: operations.length, ...Object.fromEntries(Object.entries(states).map(([what, some]) => [what, some!.length])) },
  };
}

/** Each status that an event tells of follows from the one before by an edge. */
async function wrongSteps(system: TestSystem): Promise<string[]> {
  const told = await system.sql<{ payment_id: string; status: PaymentStatus }>(
    "select payment_id, data->>'status' as status from satang.events where type not like 'webhook%' order by payment_id, (data->>'version')::int",
  );
  const wrong: string[] = [];
  const at = new Map<string, PaymentStatus>();
  for (const { payment_id, status } of told) {
    const from = at.get(payment_id) ?? "processing";
    if (status !== from && !edges[from].includes(status)) wrong.push(`payment ${payment_id} went from ${from} to ${status}`);
    at.set(payment_id, status);
  }
  return wrong;
}

/** One journal for each cause: two lines and perhaps two of a fee for money that came, four for a refund whatever became of it. */
function wrongJournals(operations: readonly Operation[]): string[] {
  const expected = ({ kind, state }: Operation): readonly number[] => {
    if (kind === "refund") return state === "needs_review" ? [2] : [4];
    return state === "succeeded" && (kind === "charge" || kind === "capture") ? [2, 4] : [0];
  };
  return operations
    .filter((one) => !expected(one).includes(one.lines))
    .map(({ id, kind, state, lines }) => `${kind} ${id}, ${state}, has ${lines} lines in the ledger`);
}

/** Money moved once for each operation that succeeded, of that amount, and for nothing else. */
async function wrongEffects(system: TestSystem, operations: readonly Operation[]): Promise<string[]> {
  const effects = new Map((await system.effects()).map((effect) => [effect.key, effect]));
  const wrong: string[] = [];
  for (const { id, kind, state, amount } of operations) {
    const effect = effects.get(id);
    effects.delete(id);
    if (state === "succeeded" && (effect?.count !== 1 || effect.amount !== amount))
      wrong.push(`${kind} ${id} succeeded, and its effect is ${JSON.stringify(effect)}`);
    if (state === "declined" && effect) wrong.push(`${kind} ${id} was declined, and money moved`);
  }
  return [...wrong, ...[...effects.keys()].map((key) => `money moved for ${key}, which is none of ours`)];
}

/** What the API says of the balance is what the entries sum to. */
async function wrongBalances(system: TestSystem): Promise<string[]> {
  const { body } = await system.get("/v1/balance");
  const told = new Map(
    (body.accounts as { account: string; currency: string; amount: number }[]).map((one) => [`${one.account} ${one.currency}`, one.amount]),
  );
  const summed = await system.sql<{ account: string; currency: string; sum: number }>(
    "select account, currency, sum(amount)::float8 as sum from satang.ledger_entries group by account, currency having sum(amount) <> 0",
  );
  return summed
    .filter(({ account, currency, sum }) => told.get(`${account} ${currency}`) !== sum)
    .map(({ account, currency, sum }) => `${account} sums to ${sum} ${currency}, and the API says ${told.get(`${account} ${currency}`)}`);
}
