import { expect, test } from "vitest";
import { customResourceDefinition } from "../../../crds/definition.ts";
import type { Condition, PaymentSystemStatus } from "../../../crds/status.ts";
import type { StructuralSchema } from "../../../crds/structural-schema.ts";
import { queueNames } from "../../../crds/workers.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { definitionServer } from "./definition-server.ts";

const resource = { apiVersion: "satang.dev/v1alpha1", kind: "PaymentSystem", metadata: { name: "shop", namespace: "default" }, spec: {} };

const ready: Condition = {
  type: "Ready",
  status: "False",
  observedGeneration: 1,
  lastTransitionTime: "2026-11-24T12:00:00Z",
  reason: "SecretMissing",
  message: "Secret shop-provider has no key apiKey; create it, no restart needed",
};

/** Every field. */
const status: Required<PaymentSystemStatus> = {
  observedGeneration: 1,
  conditions: [ready, { ...ready, type: "Reconciling", status: "True" }],
  version: "0.4.0",
  url: "https://pay.example.com",
  credentialsSecretName: "shop-credentials",
  migration: "003-webhooks",
  api: { ready: "2/3", replicas: 3, readyReplicas: 2 },
  workers: {
    ready: "7/8",
    queued: 12,
    oldest: "41s",
    pools: [{ name: "payments", replicas: 8, readyReplicas: 7, desiredReplicas: 8, queued: 12, oldestSeconds: 41 }],
  },
  postgres: {
    ready: "3/3",
    primary: "shop-postgres-0-1",
    shards: [
      {
        shard: 0,
        instances: 3,
        readyInstances: 3,
        primary: "shop-postgres-0-1",
        synchronousStandbys: ["shop-postgres-0-0", "shop-postgres-0-2"],
      },
    ],
  },
  redis: { ready: "1/3", master: "shop-redis-0", replicas: 3, readyReplicas: 1 },
};

onOwnNode("kubectl", () => {
  const server = definitionServer();

  test("takes the smallest resource, and shows by any of its names that nothing is known yet", async () => {
    await server().apply(resource);

    const lists = await Promise.all(
      ["psys", "paymentsystem", "paymentsystems", "satang"].map((name) => server().kubectl("get", name, "--no-headers")),
    );
    for (const list of lists) expect(list).toMatch(/shop\s+\d+s\n$/);
  });

  test("shows what the status says in columns, and more with -o wide", async () => {
    await server().apply(resource);
    const { body } = await server().send("PUT", "/shop/status", { ...(await server().get("psys", "shop", "default")), status });

    expect(body.status).toEqual(status);
    const columns = ["NAME", "READY", "REASON", "API", "WORKERS", "QUEUED", "POSTGRES", "REDIS", "VERSION", "AGE"];
    const cells = ["shop", "False", "SecretMissing", "2/3", "7/8", "12", "3/3", "1/3", "0.4.0", expect.stringMatching(/^\d+s$/)];
    expect(cellsOf(await server().kubectl("get", "psys"))).toEqual([columns, cells]);
    expect(cellsOf(await server().kubectl("get", "psys", "--output", "wide"))).toEqual([
      [...columns, "PRIMARY", "MASTER", "OLDEST", "URL", "MESSAGE"],
      [...cells, "shop-postgres-0-1", "shop-redis-0", "41s", "https://pay.example.com", ready.message],
    ]);
    await server().wait("psys/shop", "condition=Ready=false");
  });

  test("leaves the status to the operator, and the generation to changes of the spec", async () => {
    await server().apply(resource);
    const { metadata } = await server().get("psys", "shop", "default");

    await server().apply({ ...resource, status: { version: "9.9.9" } });
    await server().kubectl("label", "psys/shop", "team=shop", "--overwrite");

    const after = await server().get("psys", "shop", "default");
    expect(after.status?.version).not.toBe("9.9.9");
    expect(after.metadata.generation).toBe(metadata.generation);
  });

  test("lets pools that are applied take the place of the default one, also when the server merges", async () => {
    const named = (spec: object) => ({ ...resource, metadata: { ...resource.metadata, name: "merged" }, spec });
    const pools = [{ name: "all", queues: [...queueNames] }];

    await server().apply(named({}));
    await server().apply(named({ workers: pools }));

    const { spec } = await server().get("psys", "merged", "default");
    await server().delete("psys", "merged", "default");
    expect(spec.workers).toMatchObject(pools);
  });

  test("refuses two conditions of one type", async () => {
    await server().apply(resource);
    const current = await server().get("psys", "shop", "default");

    expect((await server().send("PUT", "/shop/status", { ...current, status: { conditions: [ready, ready] } })).status).toBe(422);
  });

  test("explains every field", async () => {
    const { properties } = customResourceDefinition().spec.versions[0]!.schema.openAPIV3Schema;
    const objects = [...objectsIn("spec", properties!.spec!), ...objectsIn("status", properties!.status!)];

    expect(objects.length).toBeGreaterThan(20);
    for (const path of objects) {
      const text = await server().kubectl("explain", `psys.${path}`);
      expect(text, path).not.toMatch(/<empty>|<no description>/);
    }
    expect(await server().kubectl("explain", "psys.spec", "--recursive")).toContain("allowPrivateAddresses");
  });
});

const cellsOf = (table: string): string[][] =>
  table
    .trimEnd()
    .split("\n")
    .map((line) => line.trimEnd().split(/ {3,}/));

function objectsIn(path: string, schema: StructuralSchema): string[] {
  const fields = Object.entries((schema.items ?? schema).properties ?? {});
  return fields.length === 0 ? [] : [path, ...fields.flatMap(([name, field]) => objectsIn(`${path}.${name}`, field))];
}
