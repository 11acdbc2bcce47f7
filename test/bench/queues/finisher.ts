import { parseArgs } from "node:util";
import type { OperationRef } from "../../../workloads/payment/operation.ts";
import { settlementOf } from "../../../workloads/payment/settlement.ts";
import { openStore } from "../../../workloads/store/postgres-store.ts";

// Takes and finishes all operations that are due, with journal and event, and without a provider; prints one line of JSON.
const { values } = parseArgs({
  options: { url: { type: "string" }, count: { type: "string" }, "in-flight": { type: "string", default: "500" } },
});
const count = Number(values.count);
const store = openStore({ url: values.url!, connections: 10, applicationName: "satang-bench" });
await store.ping();

const start = performance.now();
let finished = 0;
let taken = 0;
const batches = new Set<Promise<unknown>>();
while (taken < count) {
  const refs = await store.offer("payments", Number(values["in-flight"]));
  const batch = Promise.all(refs.map(finish)).finally(() => batches.delete(batch));
  batches.add(batch);
  taken += refs.length;
  // As many in hand as pg-boss has: who waits for the last of 500 leaves the cores to nobody.
  if (batches.size === 4) await Promise.race(batches);
}
await Promise.all(batches);
if (finished !== count) throw new Error(`${finished} of ${count} operations were finished`);
process.stdout.write(`${JSON.stringify({ count: finished, perSecond: (finished / (performance.now() - start)) * 1000 })}\n`);
await store.close();

async function finish(ref: OperationRef): Promise<void> {
  const claimed = await store.claim(ref);
  if (!claimed) return;
  const answer = { kind: "succeeded", providerReference: "ch_bench", fee: 6 } as const;
  if (await store.settle(claimed, settlementOf(claimed, answer))) finished += 1;
}
