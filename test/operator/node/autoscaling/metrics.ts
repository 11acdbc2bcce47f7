import { Agent, request } from "node:https";
import { expect, test } from "vitest";
import { metricsApiPorts } from "../../../../operator/operator-env.ts";
import { eventually } from "../../../cluster/eventually.ts";
import { operatorNamespace } from "../installed.ts";
import type { GrowingShop } from "./growing-shop.ts";
import { namespaceGoes } from "./namespace-goes.ts";

export function metricsTests({ cluster, shop }: GrowingShop): void {
  const path = () => `/apis/external.metrics.k8s.io/v1beta1/namespaces/${shop().namespace}/satang_queue_depth`;

  test("external metrics are told to those who may ask, through the API server only", async () => {
    const told = await eventually(async () =>
      JSON.parse(await cluster().kubectl("get", "--raw", `${path()}?labelSelector=queue%3Dpayments`)),
    );
    expect(told.items).toMatchObject([
      { metricName: "satang_queue_depth", metricLabels: { system: "shop", queue: "payments" }, value: "0" },
    ]);

    const refused = cluster().kubectl("get", "--raw", path(), "--as", "somebody");
    await expect(refused).rejects.toThrow(/forbidden/i);

    await using door = await cluster().forward({ namespace: operatorNamespace, name: "satang-operator" }, metricsApiPorts.service);
    const headers = { "x-remote-user": "admin", "x-remote-group": "system:masters" };
    const code = await new Promise((resolve, reject) => {
      const agent = new Agent({ rejectUnauthorized: false });
      request({ host: "127.0.0.1", port: door.port, path: path(), agent, headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on("error", reject)
        .end();
    });
    expect(code).toBe(401);
  });

  test("discovery is quiet and namespaces go while the operator is there, and while it rolls", async () => {
    await cluster().kubectl("api-resources"); // it fails when a group does not answer
    await namespaceGoes(cluster(), "while we are up");

    await cluster().kubectl("rollout", "restart", "deployment/satang-operator", "-n", operatorNamespace);
    const rolling = cluster().kubectl("rollout", "status", "deployment/satang-operator", "-n", operatorNamespace, "--timeout=180s");
    let isOver = false;
    const over = rolling.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await cluster().kubectl("api-resources");
      await cluster().kubectl("get", "--raw", `${path()}?labelSelector=queue%3Dpayments`);
      await namespaceGoes(cluster(), "while we roll");
    }
    await over;
  }, 400_000);
}
