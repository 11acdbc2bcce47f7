import type { Round } from "../figures.ts";
import type { Picture } from "../parts.ts";
import { flame } from "../plot/flame.ts";
import { type Stage, withClient } from "../stage.ts";
import type { Call } from "./calls.ts";
import { type Explained, explained, rowsOfBatch, type StatementName } from "./explained.ts";
import { planCalls, type Work } from "./plan-calls.ts";

const batches = 100;
const warmUp = 10;
const taken = batches / 2;
/** What the parts of `settle` write. */
const written = { done: "the operations", paid: "the payments", posted: "the journals", told: "the events" };

/**
 * Where the time of Postgres goes in the three statements of a payment, in full batches, one after the other, without their commits. Nobody else
 * should use the store meanwhile.
 */
export async function statements(on: Stage): Promise<{ readonly figures: Round; readonly picture: Picture }> {
  const before = await triggersBefore(on.postgresUrl);
  const found = Object.entries(await explained(on, { batches, warmUp }));
  const trees = found.map(([name, runs]) => planCalls(name, quicker(runs), before));
  const microseconds = trees.map((tree) => [`µs of a row, ${tree.name}`, perRow(tree)] as const);
  const settle = trees.find(({ name }) => name === ("settle" satisfies StatementName))!;
  const shares = Object.entries(sharesOfSettle(settle)).map(([of, ms]) => [`% of settle's time, ${of}`, (100 * ms) / settle.all] as const);
  return {
    figures: Object.fromEntries([...microseconds, ...shares]),
    picture: {
      name: "flame-statements",
      svg: flame("where the time of Postgres goes in accept, claim and settle", besideEachOther(trees)),
    },
  };
}

/** The half that took least: these are times by the clock, and the others had to leave their core to somebody. */
const quicker = (runs: readonly Explained[]): Explained[] => runs.toSorted((a, b) => timeOf(a) - timeOf(b)).slice(0, taken);
const timeOf = (run: Explained): number => run["Planning Time"] + run["Execution Time"];

const perRow = ({ all }: Call<Work>): number => (1000 * all) / (taken * rowsOfBatch);

/** In ms, and together all of it. Triggers count by themselves, whatever they are of. */
function sharesOfSettle(settle: Call<Work>): Record<string, number> {
  const parts = Object.entries(written).map(([part, what]) => [what, ofOthers(settle.calls.get(part)!, "triggers")] as const);
  const values = settle.calls.get("values")!.all;
  const triggers = settle.all - ofOthers(settle, "triggers");
  const rest = settle.all - values - triggers - parts.reduce((sum, [, ms]) => sum + ms, 0);
  return { ...Object.fromEntries(parts), triggers, "reading its values": values, "what else": rest };
}

/** The time of all but one kind of work. */
const ofOthers = (call: Call<Work>, work: Work): number =>
  [...call.calls.values()].reduce((sum, called) => sum + ofOthers(called, work), call.owner === work ? 0 : call.own);

function besideEachOther(trees: readonly Call<Work>[]): Call<Work> {
  const named = trees.map((tree) => ({ ...tree, name: `${tree.name}, ${perRow(tree).toFixed(1)} µs a row` }));
  const all = trees.reduce((sum, tree) => sum + tree.all, 0);
  return { name: "all", owner: "executor", own: 0, all, calls: new Map(named.map((tree) => [tree.name, tree])) };
}

/** Those that run before a change, of a row or of all, and so within the step that makes it. */
async function triggersBefore(url: string): Promise<Set<string>> {
  const sql = `select c.relname || '.' || t.tgname as name from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where c.relnamespace = 'satang'::regnamespace and t.tgtype & 2 <> 0`;
  return withClient(url, async (client) => new Set((await client.query<{ name: string }>(sql)).rows.map(({ name }) => name)));
}
