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
await Promise.all(Array.from({ length: 4 }, takeAndFinish));
process.stdout.write(`${JSON.stringify({ count: finished, perSecond: (finished / (performance.now() - start)) * 1000 })}\n`);
await store.close();

/** As many at once as pg-boss and graphile-worker have in hand: who waits for the last of 500 leaves the cores to nobody. */
async function takeAndFinish(): Promise<void> {
  while (finished < count) await Promise.all((await store.offer("payments", Number(values["in-flight"]))).map(finish));
}

async function finish(ref: OperationRef): Promise<void> {
  const claimed = await store.claim(ref);
  if (!claimed) return;
  const answer = { kind: "succeeded", providerReference: "ch_bench", fee: 6 } as const;
  if (await store.settle(claimed, settlementOf(claimed, answer))) finished += 1;
}
