import { afterAll, beforeAll, expect, test } from "vitest";
import type { PaymentSystemStatus } from "../../../crds/status.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";
import { type Labelled, namespace, trial } from "./trial.ts";

const labels = { "app.kubernetes.io/managed-by": "satang-operator", "app.kubernetes.io/instance": "shop" };
/** The certificate names the second shard too. */
const isUntouched = ({ kind, metadata }: Labelled) => !["Deployment", "Job"].includes(kind) && metadata.name !== "shop-postgres-tls";
const shards = (count: number) => ({ postgres: { shards: count } });

onOwnNode("a system that grows from one shard to two", () => {
  const { server, kube, make, ready, system, parts } = trial();
  let operator: OperatorProcess;
  beforeAll(async () => {
    operator = await startOperator(server());
    await make("shop");
    await ready("shop");
  });
  afterAll(() => operator?.[Symbol.asyncDispose]());

  const objectOf = async (kind: string, name: string) =>
    JSON.parse(await server().kubectl("get", kind, name, "-n", namespace, "-o", "json"));
  const statusOf = async () => (await system("shop")).status as PaymentSystemStatus;
  const conditionOf = async (type: string) => (await statusOf()).conditions?.find((one) => one.type === type);

  test("gets another replica set, and its processes hear of it; the first is touched by nothing", async () => {
    const before = await parts("shop");

    await make("shop", shards(2));
    await ready("shop");

    const after = new Map((await parts("shop")).map((part) => [`${part.kind}/${part.metadata.name}`, part]));
    expect([...after.keys()].filter((name) => name.includes("shop-shard-1")).sort()).toEqual([
      "ConfigMap/shop-shard-1-settings",
      "NetworkPolicy/shop-shard-1",
      "PodDisruptionBudget/shop-shard-1",
      "Role/shop-shard-1",
      "RoleBinding/shop-shard-1",
      "Service/shop-shard-1",
      "Service/shop-shard-1-primary",
      "Service/shop-shard-1-replicas",
      "ServiceAccount/shop-shard-1",
      "StatefulSet/shop-shard-1",
    ]);
    const version = ({ uid, generation, resourceVersion }: Labelled["metadata"]) => [uid, generation ?? resourceVersion];
    for (const { kind, metadata } of before.filter(isUntouched))
      expect(version(after.get(`${kind}/${metadata.name}`)!.metadata), `${kind} ${metadata.name}`).toEqual(version(metadata));
    for (const name of ["shop-api", "shop-dispatcher", "shop-worker-payments"]) {
      const { env } = (await objectOf("deployment", name)).spec.template.spec.containers[0];
      expect(env.find((one: { name: string }) => one.name === "DATABASE_SHARD_URLS")?.value, name).toContain("@shop-shard-1-primary:5432");
    }
  });

  test("tells of each shard, and of all together", async () => {
    const { postgres } = await statusOf();

    expect(postgres).toMatchObject({
      ready: "6/6",
      primary: "shop-postgres-0,shop-shard-1-0",
      shards: [
        { shard: 0, primary: "shop-postgres-0", synchronousStandbys: ["shop-postgres-1", "shop-postgres-2"] },
        { shard: 1, primary: "shop-shard-1-0", synchronousStandbys: ["shop-shard-1-1", "shop-shard-1-2"] },
      ],
    });
    await eventually(async () => {
      const events = await kube().list("Event", { namespace });
      expect(events.map(({ note }) => note)).toContain("shop-shard-1-0 takes writes");
    });
  });

  test("has no client led to a pod of the second shard that does not hold that shard's lock", async () => {
    const member = (ordinal: number) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: `shop-shard-1-${ordinal}`,
        namespace,
        labels: { ...labels, "app.kubernetes.io/component": "shard-1", "satang.dev/role": "primary", "controller-revision-hash": "one" },
      },
      spec: { serviceAccountName: "shop-shard-1", containers: [{ name: "postgres", image: "registry.test/postgres:1" }] },
    });
    for (const ordinal of [0, 1]) await kube().apply(member(ordinal), { fieldManager: "patroni", force: true });

    await eventually(async () => {
      const pods = await kube().list("Pod", { namespace, labelSelector: "app.kubernetes.io/component=shard-1" });
      const roles = Object.fromEntries(pods.map(({ metadata }) => [metadata.name, metadata.labels?.["satang.dev/role"]]));
      expect(roles).toEqual({ "shop-shard-1-0": "primary", "shop-shard-1-1": undefined });
    });
    await eventually(async () =>
      expect((await conditionOf("DatabaseReady"))?.message).toMatch(/shop-shard-1.*no payment of a merchant on shard 1 is accepted/),
    );
  });

  test("cannot have fewer again: the API server says why, and what to do", async () => {
    await expect(make("shop", shards(1))).rejects.toThrow(
      /spec.postgres.shards.*may only grow, because payments stay on the shard where they were made: set it to what it was or more/s,
    );
  });

  test("is not made anew with fewer than there are volumes of, for merchants who live there would be refused", async () => {
    await kube().create({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data-shop-shard-1-0", namespace, labels: { ...labels, "app.kubernetes.io/component": "shard-1" } },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    });
    await kube().delete("PaymentSystem", { namespace, name: "shop" });
    await make("shop", shards(1));

    await eventually(async () =>
      expect(await conditionOf("Stalled")).toMatchObject({ reason: "SpecInvalid", message: expect.stringContaining("set it to 2") }),
    );

    await make("shop", shards(2));
    await eventually(async () => expect(await conditionOf("Stalled")).toBeUndefined());
  });
});
