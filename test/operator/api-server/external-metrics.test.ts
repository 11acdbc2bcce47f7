import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { renewed } from "../../../operator/certificates/certificates.ts";
import { certificatesOf, dataOf } from "../../../operator/certificates/secret-data.ts";
import { apiServiceName } from "../../../operator/metrics-api/registration.ts";
import { certificatesSecret } from "../../../operator/metrics-api/run.ts";
import { metricsApiPorts } from "../../../operator/operator-env.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import type { Daemon } from "../../cluster/node/daemon.ts";
import { startControllers } from "./controllers.ts";
import { type Counting, counting } from "./counting.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";
import { namespace, trial } from "./trial.ts";

const home = "satang-system";
const name = { namespace, name: "shop-worker-all" };
const pool = (min: number) => ({
  api: { replicas: { min: 2, max: 2 } }, // of which there are no CPU figures here
  workers: [
    { name: "all", queues: ["payments", "refunds", "webhooks"], queueDepthPerReplica: 10, scaleDownSeconds: 5, replicas: { min, max: 6 } },
  ],
});
const path = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/satang_queue_depth?labelSelector=system%3Dshop`;

// The cluster's own controllers on an API server without pods: the operator is a process, to which its Service leads by name.
onOwnNode("external metrics, asked for by the cluster's own autoscalers", () => {
  const { server, kube, make, ready, system } = trial();
  let controllers: Daemon;
  let operator: OperatorProcess;
  let dispatcher: Counting;
  const start = () => startOperator(server(), { metricsApiPort: metricsApiPorts.service });
  beforeAll(async () => {
    const metadata = { namespace: home, name: "satang-operator" };
    await kube().delete("Service", metadata);
    await kube().create({ apiVersion: "v1", kind: "Service", metadata, spec: { type: "ExternalName", externalName: "localhost" } });
    controllers = await startControllers(server());
    operator = await start();
    await make("shop", pool(1));
    await ready("shop");
    dispatcher = await counting(kube(), "shop", "127.77.0.2");
    await says("True", "ExternalMetrics");
  });
  afterAll(async () => {
    await dispatcher?.[Symbol.asyncDispose]();
    await operator?.[Symbol.asyncDispose]();
    await controllers?.kill();
  });

  const told = (payments: number) => {
    dispatcher.depths = { payments, refunds: 0, webhooks: 0 };
  };
  const replicas = async () => (await kube().get("Deployment", name))!.spec!.replicas;
  const become = (pods: number, withinSeconds = 60) => eventually(async () => expect(await replicas()).toBe(pods), { withinSeconds });
  const says = (status: string, reason?: string) =>
    eventually(async () => {
      const { conditions = [] } = ((await system("shop")).status ?? {}) as { conditions?: { type: string }[] };
      expect(conditions.find(({ type }) => type === "AutoscalingActive")).toMatchObject({ status, ...(reason && { reason }) });
    });
  const failures = async () => {
    const events = await kube().list("Event", { namespace, fieldSelector: "reason=FailedGetExternalMetric" });
    const ofAutoscaler = events.filter(({ regarding }) => regarding?.kind === "HorizontalPodAutoscaler");
    return ofAutoscaler.reduce((sum, { series, deprecatedCount }) => sum + (series?.count ?? deprecatedCount ?? 1), 0);
  };
  async function namespaceGoes(other: string): Promise<void> {
    await server().kubectl("create", "namespace", other);
    await server().kubectl("create", "configmap", "something", "-n", other);
    await server().kubectl("delete", "namespace", other, "--timeout=60s");
  }

  test("let a pool grow at once and shrink by and by, and wake one that had gone down to none", async () => {
    told(55);
    await become(6);
    await make("shop", pool(0));
    told(0);
    await become(0, 240);
    told(1);
    await become(1);
    told(0);
    await become(0, 90);
    await make("shop", pool(1));
    await become(1);
  }, 600_000);

  test("are for those who may ask, and leave discovery and namespaces as quick as they were", async () => {
    const { items } = JSON.parse(await server().kubectl("get", "--raw", path));
    expect(items.map(({ metricLabels, value }: { metricLabels: object; value: string }) => ({ ...metricLabels, value }))).toEqual(
      ["payments", "refunds", "webhooks"].map((queue) => ({ system: "shop", queue, value: "0" })),
    );
    await expect(server().kubectl("get", "--raw", path, "--as", "somebody")).rejects.toThrow(/orbidden/);
    await server().kubectl("api-resources"); // it fails where a group does not answer
    await namespaceGoes("gone-while-up");
  });

  test("miss no question while certificate and authority are renewed", async () => {
    const secret = { namespace: home, name: certificatesSecret };
    const kept = async () => certificatesOf((await kube().get("Secret", secret))!.data!)!;
    const before = await kept();
    const failedBefore = await failures();
    const days = 4.5 / (24 * 60); // with what is given for clocks that differ, two thirds of it are over in 80 s
    const short = await renewed(undefined, {
      names: ["satang-operator.satang-system.svc"],
      now: Date.now(),
      days: { authority: days, serving: days },
    });
    await kube().patch("Secret", secret, {
      data: dataOf({ ...short, trusted: [short.authority.certificate, before.authority.certificate] }),
    });

    let refused = 0;
    let asked = 0;
    const ask = async () => {
      asked++;
      await server()
        .kubectl("get", "--raw", path)
        .catch(() => refused++);
    };
    await eventually(
      async () => {
        await ask();
        const { authority } = await kept();
        expect([short.authority.certificate, before.authority.certificate]).not.toContain(authority.certificate);
      },
      { withinSeconds: 180, everyMs: 250 },
    );
    for (let more = 0; more < 40; more++) {
      await ask();
      await sleep(250);
    }

    console.log(
      `two authorities later: ${asked} asked, ${refused} refused, ${(await failures()) - failedBefore} failed syncs of the autoscaler`,
    );
    expect(refused).toBe(0);
    expect(await failures()).toBe(failedBefore);
  }, 400_000);

  test("are not known while the operator is gone, and no pod is taken away for that", async () => {
    told(35);
    await become(4);
    told(0);
    await operator.kill();
    await sleep(20_000); // four times the pool's window

    expect(await replicas()).toBe(4);
    await expect(server().kubectl("get", "--raw", path)).rejects.toThrow();
    operator = await start();
    await become(1, 120);
  }, 300_000);

  test("go with the ClusterRole when the operator is uninstalled, and leave no API that nobody answers", async () => {
    await operator.stop();
    await kube().delete("ClusterRole", { name: "satang-operator" });

    await eventually(async () => expect(await kube().get("APIService", { name: apiServiceName })).toBeUndefined());
    await server().kubectl("api-resources");
    await namespaceGoes("gone-after");
  }, 180_000);
});
