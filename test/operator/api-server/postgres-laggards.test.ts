import type { V1ServiceSpec, V1StatefulSetSpec } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PaymentSystemStatus } from "../../../crds/status.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { type ActedMember, actMember } from "./acted-member.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";
import { namespace, trial } from "./trial.ts";

onOwnNode("lists and reports", () => {
  const { server, kube, make, ready } = trial();
  let operator: OperatorProcess;
  let members: ActedMember[];
  let stuck: ActedMember | undefined;
  let writing: NodeJS.Timeout;
  beforeAll(async () => {
    operator = await startOperator(server());
    await make("shop", {});
    await ready("shop"); // led by shop-postgres-0
    const labels = [{ "satang.dev/follows": "closely" }, { "satang.dev/follows": "closely" }, {}]; // the last from before there was such a label
    members = await Promise.all(
      labels.map((labels, ordinal) =>
        actMember(kube(), { namespace, system: "shop", ordinal, role: ordinal === 0 ? "primary" : "replica", labels }),
      ),
    );
    writing = setInterval(() => {
      for (const member of members) if (member !== stuck) member.position += 1_000;
    }, 200);
  });
  afterAll(async () => {
    clearInterval(writing);
    await operator?.[Symbol.asyncDispose]();
    for (const member of members ?? []) await member[Symbol.asyncDispose]();
  });

  const selector = async () => {
    const service = (await kube().get("Service", { namespace, name: "shop-postgres-replicas" })) as { spec?: V1ServiceSpec };
    return service.spec!.selector!;
  };
  /** Whom the Service leads to. */
  const led = async () => {
    const labelSelector = Object.entries(await selector())
      .map(([name, value]) => `${name}=${value}`)
      .join(",");
    return (await kube().list("Pod", { namespace, labelSelector })).map(({ metadata }) => metadata.name).toSorted();
  };
  const untilLed = (ordinals: number[]) =>
    eventually(async () => expect(await led()).toEqual(ordinals.map((ordinal) => `shop-postgres-${ordinal}`)), {
      withinSeconds: 30,
      everyMs: 100,
    });
  const behind = async () => {
    const shop = (await kube().get("PaymentSystem", { namespace, name: "shop" })) as { status?: PaymentSystemStatus } | undefined;
    return shop?.status?.postgres?.shards?.[0]?.behind;
  };

  test("are led to standbys, and to none that does not replay for more than 10 s, until it has caught up", async () => {
    await untilLed([1, 2]);

    stuck = members[1];
    const stuckAt = performance.now();
    await untilLed([2]);
    const outAfter = (performance.now() - stuckAt) / 1000;
    await eventually(async () => expect(await behind()).toContain("shop-postgres-1"));

    stuck!.position = members[0]!.position;
    stuck = undefined;
    const caughtUpAt = performance.now();
    await untilLed([1, 2]);
    console.log(
      `out ${outAfter.toFixed(1)} s after it stopped, back ${((performance.now() - caughtUpAt) / 1000).toFixed(1)} s after it caught up`,
    );
    expect(outAfter).toBeGreaterThan(9);
  });

  test("are led to all again when the last that followed goes", async () => {
    stuck = members[1];
    await untilLed([2]);

    await kube().delete("Pod", { namespace, name: "shop-postgres-2" }, { graceSeconds: 0 });

    await untilLed([1]);
  });

  test("are led to a standby whose pod is made while there is no operator", async () => {
    const set = (await kube().get("StatefulSet", { namespace, name: "shop-postgres" })) as unknown as { spec: V1StatefulSetSpec };
    const labels = { ...set.spec.template.metadata!.labels, "satang.dev/role": "replica" }; // as Patroni sets it

    expect(labels).toMatchObject(await selector());
  });
});
