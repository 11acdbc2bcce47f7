import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, describe, expect, test } from "vitest";
import { apiAutoscaler, poolAutoscaler } from "../../../operator/desired/autoscaler.ts";
import { pollDepths } from "../../../operator/metrics-api/poll-depths.ts";
import { QueueDepths } from "../../../operator/metrics-api/queue-depths.ts";
import { apiServiceName } from "../../../operator/metrics-api/registration.ts";
import { runMetricsApi } from "../../../operator/metrics-api/run.ts";
import { aGiven } from "../desired/given.ts";
import { sharedApiServer } from "../kube/shared-api-server.ts";

const service = { namespace: "trial", name: "satang-operator", port: 443 };

describe("external metrics", () => {
  const { kube } = sharedApiServer();
  const clusterRole = "satang-operator";
  const run = () =>
    runMetricsApi({ kube: kube(), leader: kube, depths: new QueueDepths(), service, clusterRole, listenPort: 0, onTrouble: () => {} });
  beforeAll(() => kube().create({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: clusterRole } }));
  const registered = () => kube().get("APIService", { name: apiServiceName });

  test("are registered by who leads, with an authority of our own, and not written again while nothing changes", async () => {
    const running = await run();
    try {
      await expect.poll(registered, { timeout: 20_000 }).toMatchObject({ spec: { service, group: "external.metrics.k8s.io" } });
      const { metadata, spec } = (await registered())!;
      expect(metadata.ownerReferences).toMatchObject([{ kind: "ClusterRole", name: clusterRole }]); // it goes with what the installation took
      await expect.poll(running.problem, { timeout: 10_000 }).toBeUndefined(); // served, once the API server was told whom to trust
      const secret = await kube().get("Secret", { namespace: "trial", name: "satang-metrics-api" });
      expect(secret?.data?.["ca.crt"]).toBe((spec as { caBundle: string }).caBundle);

      await new Promise((resolve) => setTimeout(resolve, 6_000)); // another look
      expect(running.served()).toMatchObject({ by: "us" });
      // The API server writes the status, and nobody the rest.
      expect((await registered())!.metadata.managedFields?.length).toBe(metadata.managedFields?.length);
    } finally {
      await running.stop();
    }
    await kube().delete("APIService", { name: apiServiceName });
  });

  test("are left to another who serves them already, also when we go", async () => {
    const spec = {
      group: "external.metrics.k8s.io",
      version: "v1beta1",
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
    };
    const keda = { namespace: "keda", name: "keda-operator-metrics-apiserver", port: 443 };
    await kube().create({
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: apiServiceName },
      spec: { ...spec, service: keda },
    });
    const running = await run();
    try {
      await expect
        .poll(() => running.served(), { timeout: 20_000 })
        .toEqual({ by: "keda", service: "keda/keda-operator-metrics-apiserver" });
      await new Promise((resolve) => setTimeout(resolve, 6_000)); // another look
      expect((await registered())?.spec).toMatchObject({ service: keda });
      expect(running.problem()).toBeUndefined();
    } finally {
      await running.stop();
      await kube().delete("APIService", { name: apiServiceName });
    }
  });

  test("come from each system's dispatcher, of which one that hangs delays no other", async () => {
    const dispatcher = createServer((request, response) => {
      if (request.url === "/hangs") return;
      response.end(JSON.stringify({ at: new Date().toISOString(), queues: { payments: { depth: 7, oldestSeconds: 1 } } }));
    });
    await new Promise<void>((resolve) => dispatcher.listen(0, "127.0.0.1", resolve));
    const base = `http://127.0.0.1:${(dispatcher.address() as AddressInfo).port}`;
    const depths = new QueueDepths();
    let systems = [
      { namespace: "a", name: "shop" },
      { namespace: "b", name: "hangs" },
    ];
    const troubled: string[] = [];
    const changed: string[] = [];
    const polling = pollDepths({
      systems: () => systems,
      urlOf: (_, name) => `${base}/${name}`,
      onChange: (_, name) => changed.push(name),
      depths,
      onTrouble: (_, name) => troubled.push(name),
    });
    try {
      await expect.poll(() => depths.of("a"), { timeout: 10_000 }).toMatchObject([{ system: "shop", queue: "payments", depth: 7 }]);
      await expect.poll(() => troubled, { timeout: 10_000 }).toContain("hangs");
      expect(depths.of("b")).toEqual([]);
      await expect.poll(() => changed, { timeout: 10_000 }).toEqual(["shop"]);
      systems = [];
      await expect.poll(() => depths.of("a"), { timeout: 10_000 }).toEqual([]);
    } finally {
      polling.stop();
      dispatcher.closeAllConnections();
      dispatcher.close();
    }
  });

  test("scale pools by autoscalers that the API server takes", async () => {
    const given = aGiven();
    const pools = given.system.spec.workers.flatMap((pool) => poolAutoscaler(given, `worker-${pool.name}`, pool));
    const made = [...apiAutoscaler(given, "api"), ...pools];
    for (const autoscaler of made) {
      const metadata = { name: autoscaler.metadata!.name!, namespace: "trial" };
      const told = await kube().create({ ...autoscaler, metadata }, { dryRun: true });
      expect(told).toMatchObject({ spec: { scaleTargetRef: { kind: "Deployment" }, minReplicas: autoscaler.spec!.minReplicas } });
    }
  });
});
