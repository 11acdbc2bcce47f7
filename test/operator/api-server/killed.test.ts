import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { queueNames } from "../../../crds/workers.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { startOperator } from "./operator-process.ts";
import { type Labelled, namespace, trial } from "./trial.ts";

const kills = 30;
const longestLifeMs = 1500; // after which all that a pass does has been done

const before = { api: { ingress: { host: "pay.example.com" } } };
const pools = [
  { name: "payments", queues: ["payments", "refunds"] },
  { name: "others", queues: queueNames.filter((queue) => !["payments", "refunds"].includes(queue)) },
];
const after = { image: "registry.test/workloads:2", workers: pools, networkPolicy: { enabled: false } };

onOwnNode("an operator that dies at any moment", () => {
  const { server, kube, make, ready, parts } = trial();

  test(`leaves after ${kills} deaths, of an installation and of an upgrade, what one leaves that lives`, async () => {
    await using calm = await startOperator(server());
    for (const spec of [before, after]) {
      await make("calm", spec);
      await ready("calm");
    }
    await calm.stop();

    for (let kill = 0; kill < kills; kill++) {
      await make("hurt", kill < kills / 2 ? before : after);
      if (kill % 5 === 4) await kube().delete("Service", { namespace, name: "hurt-api" });
      // Whoever was killed cannot give it back, and fifteen seconds of waiting each time would try nothing.
      await kube().delete("Lease", { namespace: "satang-system", name: "satang-operator" });
      await using victim = await startOperator(server());
      await victim.untilMetric("satang_operator_leads", (leads) => leads === 1); // else it would die before it did anything
      await sleep(randomInt(longestLifeMs));
      await victim.kill();
    }
    await kube().delete("Lease", { namespace: "satang-system", name: "satang-operator" });
    await using last = await startOperator(server());
    await ready("hurt");
    await last.untilMetric('workqueue_depth{name="paymentsystems"}', (waiting) => waiting === 0);

    await eventually(async () => expect(await said("hurt")).toEqual(await said("calm")));
  }, 600_000);

  /** What the API server has of a system, but for what is another each time: identity, versions, times, passwords and what is made from them. */
  async function said(system: string): Promise<string[]> {
    const found = await parts(system);
    return found.map((part) => JSON.stringify(plain(part)).replaceAll(system, "SYSTEM")).sort();
  }
});

function plain({ kind, metadata, status: _, ...rest }: Labelled & { status?: unknown }): object {
  const { name, labels } = metadata;
  const content = JSON.parse(
    JSON.stringify(rest, (key, value) => (unlike.has(key) ? undefined : value)).replaceAll(/[0-9a-f]{64}/g, "HASH"),
  );
  return {
    kind,
    name: name.replace(/-migrate-[0-9a-f]{8}$/, "-migrate"),
    labels,
    ...(kind === "Secret" ? { keys: Object.keys(content.data).sort() } : content),
  };
}

const unlike = new Set([
  "satang.dev/secrets",
  "clusterIP",
  "clusterIPs",
  "batch.kubernetes.io/controller-uid",
  "controller-uid",
  "batch.kubernetes.io/job-name",
  "job-name",
  "SEED",
  "value",
]);
