import { listPayments } from "../../../workloads/store/list-payments.ts";
import { openStore } from "../../../workloads/store/postgres-store.ts";
import { openReaders } from "../../../workloads/store/readers.ts";
import type { Tenant } from "../../../workloads/store/store.ts";
import { spread } from "../figures.ts";
import { logPosition, program } from "../stage.ts";
import { tenants } from "./merchants.ts";

const payments = 10_000;
const looks = 50;

/** `random`: a new one lies anywhere among the old ones, as UUIDs do. `counting`: behind those of its merchant, as order numbers are. */
export type Keys = "random" | "counting";

/** What a payment costs in a store, over ten thousand of so many merchants; a list and a count are looked at while these wait. */
export async function storeCosts(url: string, merchants: number, keys: Keys = "random") {
  const log = await logPosition(url);
  const accepted = await take(url, merchants, payments, keys);
  const acceptLogBytes = ((await logPosition(url)) - log) / payments;
  const looked = await lookAt(url, tenants(merchants)[0]!);
  const settled = await finish(url, payments);
  return {
    acceptMicroseconds: 1e6 / accepted.perSecond,
    settleMicroseconds: 1e6 / settled.perSecond,
    acceptLogBytes,
    ...looked,
  };
}

/** Payments that come and are settled, before others are measured. */
export async function pass(url: string, merchants: number, count: number): Promise<void> {
  await take(url, merchants, count, "random");
  await finish(url, count);
}

/** Settles all that is due. */
export const finishAll = (url: string) => program<Rate>("./queues/finisher.ts", [`--url=${url}`]);

type Rate = { perSecond: number };

const take = (url: string, merchants: number, count: number, keys: Keys) =>
  program<Rate>("./feeder.ts", [`--url=${url}`, `--merchants=${merchants}`, `--count=${count}`, `--keys=${keys}`, "--due"]);
const finish = (url: string, count: number) => program<Rate>("./queues/finisher.ts", [`--url=${url}`, `--count=${count}`]);

async function lookAt(url: string, tenant: Tenant): Promise<{ listMs: number; depthMs: number }> {
  const store = openStore({ url, connections: 1, applicationName: "satang-bench" });
  const readers = openReaders({ url, replicaUrls: [], applicationName: "satang-bench" });
  const page = { after: undefined, limit: 20, createdFrom: undefined, createdBefore: undefined };
  const list = () =>
    readers.read({ tenant, size: "small" }, (tx) => listPayments(tx, tenant, { status: undefined, reference: undefined }, page));
  try {
    return { listMs: await medianMs(list), depthMs: await medianMs(() => store.queueDepths(["payments"])) };
  } finally {
    await Promise.all([store.close(), readers.close()]);
  }
}

async function medianMs(act: () => Promise<unknown>): Promise<number> {
  const found: number[] = [];
  for (let i = 0; i < looks; i++) {
    const start = performance.now();
    await act();
    found.push(performance.now() - start);
  }
  return spread(found).median;
}
