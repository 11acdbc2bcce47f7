import { parseArgs } from "node:util";
import type { OperationRef } from "../../../workloads/payment/operation.ts";
import { settlementOf } from "../../../workloads/payment/settlement.ts";
import { openStore } from "../../../workloads/store/postgres-store.ts";

// Takes and finishes operations that are due, with journal and event, and without a provider: so many, or all. Prints one line of JSON.
const { values } = parseArgs({
  options: { url: { type: "string" }, count: { type: "string" }, "in-flight": { type: "string", default: "500" } },
});
const count = Number(values.count ?? Number.POSITIVE_INFINITY);
const store = openStore({ url: values.url!, connections: 10, applicationName: "satang-bench" });
await store.ping();

const start = performance.now();
let finished = 0;
let taken = 0;
const batches = new Set<Promise<unknown>>();
while (taken < count) {
  const refs = await store.offer("payments", Number(values["in-flight"]));
  if (refs.length === 0 && values.count === undefined) break;
  const batch = Promise.all(refs.map(finish)).finally(() => batches.delete(batch));
  batches.add(batch);
  taken += refs.length;
  // As many in hand as pg-boss has: who waits for the last of 500 leaves the cores to nobody.
  if (batches.size === 4) await Promise.race(batches);
}
await Promise.all(batches);
const expected = values.count === undefined ? taken : count;
if (finished !== expected) throw new Error(`${finished} of ${expected} operations were finished`);
process.stdout.write(`${JSON.stringify({ count: finished, perSecond: (finished / (performance.now() - start)) * 1000 })}\n`);
await store.close();

async function finish(ref: OperationRef): Promise<void> {
  const claimed = await store.claim(ref);
  if (!claimed) return;
  const answer = { kind: "succeeded", providerReference: "ch_bench", fee: 6 } as const;
  if (await store.settle(claimed, settlementOf(claimed, answer))) finished += 1;
}
