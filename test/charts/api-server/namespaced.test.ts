import { afterAll, beforeAll, expect, test } from "vitest";
import { customResourceDefinition } from "../../../crds/definition.ts";
import { type ApiServer, startApiServer } from "../../cluster/api-server.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import type { KubeObject } from "../../cluster/kubectl.ts";
import { type OperatorProcess, startOperator } from "../../operator/api-server/operator-process.ts";
import { rendered } from "../helm.ts";

onOwnNode("the operator, installed for two namespaces", () => {
  let server: ApiServer;
  let operator: OperatorProcess;
  beforeAll(async () => {
    server = await startApiServer();
    await server.apply(customResourceDefinition() as KubeObject);
    await server.wait("crd/paymentsystems.satang.dev", "condition=Established");
    for (const name of ["satang-system", "shop", "trade", "other"]) await server.kubectl("create", "namespace", name);
    const objects = await rendered("--set", "watchNamespaces={shop,trade}", "--set", "crds.install=false");
    await server.apply(...objects.filter(({ kind }) => ["ServiceAccount", "Role", "RoleBinding"].includes(kind)));
    operator = await startOperator(server, { namespaces: "shop,trade" });
  });
  afterAll(async () => {
    await operator?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  test("makes the systems of both from the rights of its Roles alone, and leaves others alone", async () => {
    for (const namespace of ["other", "shop", "trade"])
      await server.apply({ apiVersion: "satang.dev/v1alpha1", kind: "PaymentSystem", metadata: { name: "cafe", namespace }, spec: {} });

    for (const namespace of ["shop", "trade"]) {
      await eventually(async () => {
        const { status } = await server.get("psys", "cafe", namespace);
        expect(status.conditions).toContainEqual(expect.objectContaining({ type: "Ready", status: "Unknown" }));
        expect((await server.list("statefulsets", { namespace })).length).toBe(2);
      });
    }

    expect((await server.get("psys", "cafe", "other")).status).toBeUndefined();
    expect(await server.list("secrets", { namespace: "other" })).toEqual([]);
    const complaints = operator.log().filter(({ level, msg }) => level !== "info" && /forbidden/i.test(String(msg)));
    expect(complaints).toEqual([]);
    expect(await operator.metric('satang_pool_max_replicas{namespace="trade",system="cafe",pool="payments"}')).toBe(20);
  });
});
