import { setTimeout as sleep } from "node:timers/promises";
import { client } from "../../../operator/kube/client.ts";
import { elect } from "../../../operator/kube/elect.ts";
import type { Fence } from "../../../operator/kube/fence.ts";
import { accessOf } from "./access-of.ts";

/** A process of its own that stands for the lead, and while it leads writes its name into a ConfigMap, again and again. */
const [, , url, certificates, identity] = process.argv as string[];
const access = accessOf({ url: url!, certificates: certificates! });
await using forLease = client(access);
await using forActs = client(access, { requestSeconds: 1 });

const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
const election = { namespace: "trial", name: "leader", identity: identity!, leaseSeconds: 3, renewSeconds: 2, retrySeconds: 0.4 };
process.send?.({ state: "starts", at: Date.now() });
await elect({ ...election, kube: forLease }, act, stop.signal);
process.exit();

async function act(fence: Fence): Promise<void> {
  const kube = forActs.under(fence);
  process.send?.({ state: "acts", at: Date.now() });
  while (fence.holds()) {
    await kube.patch("ConfigMap", { namespace: "trial", name: "acted" }, { data: { by: identity, at: `${Date.now()}` } }).catch(() => {});
    await sleep(20);
  }
  process.send?.({ state: "over", at: Date.now() });
}
