import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";
import { namespace, trial } from "./trial.ts";

onOwnNode("volumes", () => {
  const { server, kube, make, ready, system } = trial();
  let operator: OperatorProcess;
  beforeAll(async () => {
    operator = await startOperator(server());
    for (const [name, allowVolumeExpansion] of [
      ["elastic", true],
      ["rigid", false],
    ] as const)
      await server().apply({
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name },
        provisioner: "test.invalid/none",
        allowVolumeExpansion,
      });
  });
  afterAll(() => operator?.[Symbol.asyncDispose]());

  describe("whose class lets them grow", () => {
    test("grow when more is asked for, of each member and of no other, while the set stays the one that it is", async () => {
      await make("shop", sized("elastic", { postgres: "10Gi", redis: "1Gi" }));
      await ready("shop");
      for (const claim of ["data-shop-postgres-0", "data-shop-postgres-1", "data-shop-redis-0"]) await bound("shop", claim, "elastic");
      await bound("shop", "data-shop-postgres-backup-0", "elastic"); // somebody else's
      const before = await set("shop-postgres");

      await make("shop", sized("elastic", { postgres: "20Gi", redis: "1Gi" }));

      await eventually(async () =>
        expect(await asked("shop")).toMatchObject({ "data-shop-postgres-0": "20Gi", "data-shop-postgres-1": "20Gi" }),
      );
      expect(await asked("shop")).toMatchObject({ "data-shop-postgres-backup-0": "1Gi", "data-shop-redis-0": "1Gi" });
      const after = await set("shop-postgres");
      expect([after.metadata.uid, after.metadata.generation]).toEqual([before.metadata.uid, before.metadata.generation]);
    });

    test("are told of until they have grown", async () => {
      const summary = async () => ((await system("shop")).status as Status).conditions.find(({ type }) => type === "Ready");
      const message = expect.stringContaining("data-shop-postgres-0 (and 1 more) grows from 1Gi to 20Gi");
      await eventually(async () => expect(await summary()).toMatchObject({ status: "Unknown", reason: "VolumesGrowing", message }));

      for (const claim of ["data-shop-postgres-0", "data-shop-postgres-1"]) await holds(claim, "20Gi");

      await ready("shop");
    });
  });

  test("whose class does not let them grow stay, and the resource says so and what to do; once the class does, they grow", async () => {
    await make("other", sized("rigid", { postgres: "10Gi", redis: "1Gi" }));
    await ready("other");
    await bound("other", "data-other-redis-0", "rigid");

    await make("other", sized("rigid", { postgres: "10Gi", redis: "2Gi" }));

    await eventually(async () => {
      const stalled = ((await system("other")).status as Status).conditions.find(({ type }) => type === "Stalled");
      expect(stalled).toMatchObject({ status: "True", reason: "VolumeCannotGrow" });
      expect(stalled?.message).toMatch(/data-other-redis-0.*stays at 1Gi.*StorageClass rigid.*allowVolumeExpansion/);
    });
    expect(await asked("other")).toEqual({ "data-other-redis-0": "1Gi" });

    await server().kubectl("patch", "storageclass", "rigid", "-p", '{"allowVolumeExpansion":true}');
    await eventually(async () => expect(await asked("other")).toEqual({ "data-other-redis-0": "2Gi" }), { withinSeconds: 30 });
  });

  test("never shrink", async () => {
    await expect(make("shop", sized("elastic", { postgres: "5Gi", redis: "1Gi" }))).rejects.toThrow("may only grow");
  });

  const set = async (name: string) => (await kube().get("StatefulSet", { namespace, name }))!;

  /** As if its driver had made the volume. */
  async function bound(instance: string, name: string, storageClassName: string): Promise<void> {
    const labels = { "app.kubernetes.io/managed-by": "satang-operator", "app.kubernetes.io/instance": instance };
    await kube().create({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name, namespace, labels },
      spec: { storageClassName, accessModes: ["ReadWriteOnce"], volumeName: name, resources: { requests: { storage: "1Gi" } } },
    });
    await holds(name, "1Gi");
  }
  async function holds(name: string, storage: string): Promise<void> {
    const status = { phase: "Bound", capacity: { storage } };
    await kube().patch("PersistentVolumeClaim", { namespace, name }, { status }, { subresource: "status" });
  }
  async function asked(instance: string): Promise<Record<string, string | undefined>> {
    const claims = await kube().list("PersistentVolumeClaim", { namespace, labelSelector: `app.kubernetes.io/instance=${instance}` });
    return Object.fromEntries(claims.map(({ metadata, spec }) => [metadata.name, spec?.resources?.requests?.storage]));
  }
});

const sized = (className: string, { postgres, redis }: { postgres: string; redis: string }) => ({
  postgres: { storage: { className, size: postgres } },
  redis: { storage: { className, size: redis } },
});

interface Status {
  conditions: { type: string; status: string; reason: string; message: string }[];
}
