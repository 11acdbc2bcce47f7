import { afterAll, beforeAll, expect, test } from "vitest";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";
import { namespace, trial } from "./trial.ts";

onOwnNode("a Postgres replica set", () => {
  const { server, kube, make, ready } = trial();
  let operator: OperatorProcess;
  beforeAll(async () => {
    operator = await startOperator(server());
    await make("shop", { postgres: { parameters: { work_mem: "16MB" } } });
    await ready("shop"); // led by shop-postgres-0
  });
  afterAll(() => operator?.[Symbol.asyncDispose]());

  const labels = { "app.kubernetes.io/managed-by": "satang-operator", "app.kubernetes.io/instance": "shop" };
  const mapOf = (name: string, annotations: Record<string, string>) =>
    kube().apply(
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, labels, annotations } },
      { fieldManager: "patroni", force: true },
    );
  const member = (ordinal: number, role: string) =>
    kube().apply(
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
          name: `shop-postgres-${ordinal}`,
          namespace,
          labels: { ...labels, "satang.dev/role": role, "controller-revision-hash": "one" },
        },
        spec: { serviceAccountName: "shop-postgres", containers: [{ name: "postgres", image: "registry.test/postgres:1" }] },
      },
      { fieldManager: "patroni", force: true },
    );
  const roles = async () => {
    const pods = await kube().list("Pod", { namespace, labelSelector: "app.kubernetes.io/instance=shop" });
    return Object.fromEntries(pods.map(({ metadata }) => [metadata.name, metadata.labels?.["satang.dev/role"]]));
  };

  test("has no client led to a pod that says it is the primary and does not hold the lock", async () => {
    await member(0, "primary");
    await member(1, "primary");
    await member(2, "replica");

    await eventually(async () => {
      expect(await roles()).toEqual({ "shop-postgres-0": "primary", "shop-postgres-1": undefined, "shop-postgres-2": "replica" });
    });
  });

  test("loses the label when the lock goes to another, within three seconds", async () => {
    await member(1, "replica");
    const begun = performance.now();
    await mapOf("shop-postgres-leader", { leader: "shop-postgres-1" });

    await eventually(async () => expect((await roles())["shop-postgres-0"]).toBeUndefined(), { everyMs: 50 });
    console.log(`label gone ${((performance.now() - begun) / 1000).toFixed(2)} s after the lock`);
    expect((await roles())["shop-postgres-1"]).toBe("replica"); // what it becomes is for Patroni to say
  });

  test("has the settings that the resource asks for, whatever somebody wrote by hand", async () => {
    const settings = async () =>
      JSON.parse((await kube().get("ConfigMap", { namespace, name: "shop-postgres-config" }))?.metadata.annotations?.config ?? "{}");
    await mapOf("shop-postgres-config", { initialize: "7400000000000000001", config: JSON.stringify({ ttl: 300, failsafe_mode: false }) });

    await eventually(async () => {
      expect(await settings()).toMatchObject({ ttl: 20, failsafe_mode: true, synchronous_mode: "quorum", synchronous_mode_strict: true });
      expect((await settings()).postgresql.parameters).toMatchObject({ work_mem: "16MB", wal_log_hints: "on" });
    });
    const { annotations } = (await kube().get("ConfigMap", { namespace, name: "shop-postgres-config" }))!.metadata;
    expect(annotations?.initialize).toBe("7400000000000000001");
  });
});
