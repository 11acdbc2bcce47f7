import { setTimeout as sleep } from "node:timers/promises";
import { client } from "../../../operator/kube/client.ts";
import { writesOfOperator } from "../../operator/acts-of-others.ts";
import { allGoesWell } from "../../operator/api-server/all-goes-well.ts";
import { startInstallation } from "../../operator/api-server/installation.ts";
import { startOperator } from "../../operator/api-server/operator-process.ts";
import { residentBytes } from "../../operator/api-server/resident-bytes.ts";
import { systemsOf } from "../../operator/api-server/systems.ts";
import { accessOf } from "../../operator/kube/access-of.ts";
import type { Measured } from "../parts.ts";
import { metricsApiP99 } from "./metrics-api-p99.ts";

const systems = 100;
const namespace = "trade";
const nameOf = (index: number) => `shop-${index}`;
const minutesOf = (since: number) => (performance.now() - since) / 60_000;

/**
 * What the operator takes for one system and for a hundred, on an API server without pods, where whatever is asked for is so at once: seconds,
 * memory, and what it writes while nothing changes and after a restart.
 */
export async function operatorRound(restMinutes: number, say: (what: string) => void): Promise<Measured> {
  say("starting an API server");
  await using server = await startInstallation();
  await using kube = client(accessOf(server));
  await kube.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  await using _ = allGoesWell(kube);
  const { make, ready } = systemsOf(() => kube, namespace);
  const written = () => writesOfOperator(server.writes()).length;
  const metricsP99 = await metricsApiP99(kube, server);

  await using operator = await startOperator(server);
  const begun = performance.now();
  await make(nameOf(0));
  await ready(nameOf(0));
  const secondsOfOne = minutesOf(begun) * 60;
  const aloneBytes = await residentBytes(operator);

  say(`making ${systems} systems`);
  const others = Array.from({ length: systems - 1 }, (_, index) => nameOf(index + 1));
  const begunAll = performance.now();
  for (const name of others) await make(name);
  for (const name of others) await ready(name, 600);
  const secondsOfAll = minutesOf(begunAll) * 60;
  const bytes = await residentBytes(operator);
  const p95Seconds = await operator.quantile("reconcile_duration_seconds", 0.95);

  for (let count = -1; count !== written(); await sleep(3_000)) count = written(); // what a change brings about may come a moment after it
  say(`watching it at rest for ${restMinutes} min`);
  const before = written();
  await sleep(restMinutes * 60_000);
  const atRest = written() - before;

  say("starting it anew");
  await operator.stop();
  const stopped = written();
  const restarted = performance.now();
  await using again = await startOperator(server, { name: "operator-2" });
  await again.untilMetric('reconcile_duration_seconds_count{outcome="done"}', (passes) => passes >= systems);
  await again.untilMetric('workqueue_depth{name="paymentsystems"}', (waiting) => waiting === 0);
  const round = {
    "s until one system is ready": secondsOfOne,
    [`s until ${systems - 1} more are ready`]: secondsOfAll,
    "p95 ms of a pass, at most": p95Seconds * 1_000,
    "resident MiB with one system": aloneBytes / 2 ** 20,
    "resident MiB with 100 systems": bytes / 2 ** 20,
    [`writes in ${restMinutes} min in which nothing changes`]: atRest,
    "s after a restart until all were looked at, its Lease included": minutesOf(restarted) * 60,
    "writes after a restart": written() - stopped,
    "p99 ms of an answer of external metrics at 1,000 queues": metricsP99,
  };
  const { serverVersion } = JSON.parse(await server.kubectl("version", "--output=json")) as { serverVersion: { gitVersion: string } };
  return { versions: `Kubernetes ${serverVersion.gitVersion.replace("v", "")}`, rounds: [round] };
}
