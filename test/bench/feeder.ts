import { parseArgs } from "node:util";
import type { Currency } from "../../workloads/payment/money.ts";
import { openStore } from "../../workloads/store/postgres-store.ts";
import { tenants } from "./growth/merchants.ts";

// Accepts payments straight in the store, as fast as they are taken, for a time or up to a count; prints one line of JSON.
const { values } = parseArgs({
  options: {
    url: { type: "string" },
    bucket: { type: "string" },
    merchant: { type: "string" },
    merchants: { type: "string" }, // of so many in turn, in place of that one
    "in-flight": { type: "string", default: "256" },
    seconds: { type: "string", default: "3600" },
    count: { type: "string", default: "1000000000" },
    due: { type: "boolean", default: false }, // due at once, so that workers find them
    keys: { type: "string", default: "random" }, // or `counting`: they count up, as order numbers do
  },
});
const tenant = { bucket: Number(values.bucket), merchantId: values.merchant!, mode: "test" as const };
const payers = values.merchants ? tenants(Number(values.merchants)) : [tenant];
const request = {
  requestHash: Buffer.alloc(32, 7),
  requestId: "req_bench",
  amount: 350,
  currency: "THB" as Currency,
  capture: "automatic" as const,
  method: { type: "card" as const, token: "tok_visa" },
  provider: "simulator",
  reference: null,
  metadata: {},
  dueNow: values.due,
};
const random = () => Math.floor(Math.random() * 1e9);
const firstOrder = Date.now() * 1e3; // behind those of every run before
const newKey = () => (values.keys === "counting" ? `order-${firstOrder + asked}` : `bench-${random()}-${random()}`);

const store = openStore({ url: values.url!, connections: 4, applicationName: "satang-bench" });
await store.ping();
const start = performance.now();
const cpu = process.cpuUsage();
const endsAt = start + Number(values.seconds) * 1000;
const count = Number(values.count);
let asked = 0;
await Promise.all(
  Array.from({ length: Number(values["in-flight"]) }, async () => {
    while (asked < count && performance.now() < endsAt) {
      asked += 1;
      await store.accept({ ...request, ...payers[asked % payers.length]!, key: newKey() });
    }
  }),
);
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(
  `${JSON.stringify({ count: asked, seconds, perSecond: asked / seconds, cpuMicroseconds: (user + system) / asked })}\n`,
);
await store.close();
