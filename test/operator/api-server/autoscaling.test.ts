import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { renewed } from "../../../operator/certificates/certificates.ts";
import { dataOf } from "../../../operator/certificates/secret-data.ts";
import { apiServiceName } from "../../../operator/metrics-api/registration.ts";
import { certificatesSecret } from "../../../operator/metrics-api/run.ts";
import { kedaModule } from "../../cluster/build/keda.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { type Counting, counting } from "./counting.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";
import { namespace, trial } from "./trial.ts";

const pool = { name: "all", queues: ["payments", "refunds", "webhooks"], queueDepthPerReplica: 10, scaleDownSeconds: 5 };
const scaled = (fields: object = {}) => ({ workers: [{ ...pool, replicas: { min: 1, max: 6 } }], ...fields });
const name = { namespace, name: "shop-worker-all" };

onOwnNode("what scales the pools of a system", () => {
  const { server, kube, make, ready, system } = trial();
  let operator: OperatorProcess;
  let dispatcher: Counting;
  beforeAll(async () => {
    operator = await startOperator(server());
    await make("shop", scaled());
    await ready("shop");
    dispatcher = await counting(kube(), "shop", "127.77.0.1");
  });
  afterAll(async () => {
    await dispatcher?.[Symbol.asyncDispose]();
    await operator?.[Symbol.asyncDispose]();
  });

  const replicas = async () => (await kube().get("Deployment", name))!.spec!.replicas;
  const autoscaler = () => kube().get("HorizontalPodAutoscaler", name);
  const says = (expected: { status: string; reason?: string; message?: RegExp }) =>
    eventually(async () => {
      const { conditions = [] } = ((await system("shop")).status ?? {}) as { conditions?: { type: string; status: string }[] };
      const { message, ...rest } = expected;
      const told = { ...rest, ...(message && { message: expect.stringMatching(message) }) };
      expect(conditions.find(({ type }) => type === "AutoscalingActive")).toMatchObject(told);
    });
  const scale = (to: number) =>
    kube().patch("Deployment", name, { spec: { replicas: to } }, { subresource: "scale", fieldManager: "kube-controller-manager" });
  /** Every number of pods that was ever asked for meanwhile. */
  async function during(act: () => Promise<unknown>): Promise<number[]> {
    const seen = new Set<number>();
    const { resourceVersion } = (await kube().get("Deployment", name))!.metadata;
    const stop = new AbortController();
    const watching = (async () => {
      const watch = kube()
        .under({ signal: stop.signal, holds: () => !stop.signal.aborted })
        .watch("Deployment", { namespace, resourceVersion });
      for await (const event of watch)
        if ("object" in event && event.object.metadata.name === name.name) seen.add(event.object.spec!.replicas!);
    })().catch(() => {});
    await act();
    stop.abort();
    await watching;
    return [...seen];
  }

  test("is an autoscaler of the cluster, where nobody serves external metrics; its number stays while it is deleted, changed and made anew", async () => {
    await eventually(async () =>
      expect((await kube().get("APIService", { name: apiServiceName }))?.spec).toMatchObject({ service: { name: "satang-operator" } }),
    );
    await says({ status: "False", reason: "BackendUnavailable", message: /does not reach the operator.*satang-operator/ }); // there are no pods here
    expect(await autoscaler()).toMatchObject({ spec: { minReplicas: 1, maxReplicas: 6 } });
    await scale(5);

    const seen = await during(async () => {
      const { uid } = (await autoscaler())!.metadata;
      await kube().delete("HorizontalPodAutoscaler", name);
      await eventually(async () => expect((await autoscaler())?.metadata.uid).toSatisfy((now) => now !== undefined && now !== uid));
      await make("shop", { workers: [{ ...pool, concurrency: 7, replicas: { min: 1, max: 5 } }] });
      await eventually(async () => expect(await autoscaler()).toMatchObject({ spec: { maxReplicas: 5 } }));
      await eventually(async () => expect(JSON.stringify(await kube().get("Deployment", name))).toContain('"value":"7"'));
      await make("shop", scaled());
      await eventually(async () => expect(await autoscaler()).toMatchObject({ spec: { maxReplicas: 6 } }));
    });

    expect(seen).toEqual([5]);
  });

  test("is nobody where fewest and most are the same, and an autoscaler again where they are not, with no pod less between", async () => {
    const seen = await during(async () => {
      await make("shop", { workers: [{ ...pool, replicas: { min: 4, max: 4 } }] });
      await eventually(async () => expect([await replicas(), await autoscaler()]).toEqual([4, undefined]));
      await make("shop", scaled());
      await eventually(async () => expect(await autoscaler()).toBeDefined());
    });

    expect(Math.min(...seen)).toBe(4);
  });

  test("wakes a pool that somebody has set to none, which an autoscaler would leave alone for ever", async () => {
    await scale(0);

    await eventually(async () => expect(await replicas()).toBe(1));
  });

  test("is the operator itself where another serves external metrics, whom it leaves untouched", async () => {
    await scale(3);
    const theirs = { namespace: "monitoring", name: "prometheus-adapter", port: 443 };
    await kube().patch("APIService", { name: apiServiceName }, { spec: { service: theirs } }, { fieldManager: "helm" });

    const seen = await during(async () => {
      await says({ status: "True", reason: "Direct", message: /monitoring\/prometheus-adapter serves external metrics here/ });
      await eventually(async () => expect(await autoscaler()).toBeUndefined());
    });
    dispatcher.depths = { payments: 30, refunds: 18, webhooks: 0 };
    await eventually(async () => expect(await replicas()).toBe(5));

    expect(seen.filter((pods) => pods < 1)).toEqual([]);
    expect((await kube().get("APIService", { name: apiServiceName }))?.spec).toMatchObject({ service: theirs });
  });

  test("changes nothing while the depth is unknown, says so, and goes on by itself", async () => {
    const seen = await during(async () => {
      dispatcher.isThere = false;
      await says({ status: "False", reason: "QueueDepthUnknown", message: /last counted at \S+ UTC: is its dispatcher running/ });
    });
    expect(seen.filter((pods) => pods !== 5)).toEqual([]);

    dispatcher.depths = { payments: 58, refunds: 0, webhooks: 0 };
    dispatcher.isThere = true;
    await eventually(async () => expect(await replicas()).toBe(6));
    await says({ status: "True", reason: "Direct" });
    dispatcher.depths = { payments: 30, refunds: 0, webhooks: 0 };
    await eventually(async () => expect(await replicas()).toBe(3));
  });

  test("stops at what the provider allows, and an event tells of it", async () => {
    dispatcher.depths = { payments: 100, refunds: 0, webhooks: 0 };
    await make("shop", scaled({ providers: [{ name: "simulator", kind: "simulator", ratePerSecond: 100 }] })); // of 50 at once a pod

    await says({
      status: "True",
      reason: "ScaleCapped",
      message: /pool all is kept at 2 of 6 pods: provider simulator allows 100 calls a second/,
    });
    await eventually(async () => {
      const events = await kube().list("Event", { namespace });
      expect(events.filter(({ type, reason }) => type === "Warning" && reason === "ScaleCapped").length).toBe(1);
    });
    expect(await replicas()).toBe(2);
    dispatcher.depths = { payments: 30, refunds: 0, webhooks: 0 };
    await make("shop", scaled());
    await eventually(async () => expect(await replicas()).toBe(3));
  });

  test("is an autoscaler again once the other is gone, with no pod less between", async () => {
    const seen = await during(async () => {
      await kube().delete("APIService", { name: apiServiceName });
      await eventually(async () => expect(await autoscaler()).toBeDefined());
    });

    expect(seen.filter((pods) => pods !== 3)).toEqual([]);
  });

  test("is KEDA where that is, by a ScaledObject that KEDA's own definition takes and that comes back when it is deleted", async () => {
    const definitions = join(await kedaModule(), "config/crd/bases/keda.sh_scaledobjects.yaml");
    const theirs = { namespace: "keda", name: "keda-operator-metrics-apiserver", port: 443 };
    const scaledObject = () => kube().get("ScaledObject", name);

    const seen = await during(async () => {
      await eventually(() => kube().patch("APIService", { name: apiServiceName }, { spec: { service: theirs } }, { fieldManager: "keda" }));
      await says({
        status: "True",
        reason: "KEDA",
        message: /KEDA \(keda\/keda-operator-metrics-apiserver\) serves external metrics here/,
      });
      // It serves before its definitions are there, and the operator looks for them less and less often.
      await eventually(() => expect(operator.log().filter(({ msg }) => /^ScaledObject: /.test(String(msg))).length).toBeGreaterThan(6));
      await server().kubectl("apply", "--server-side", "--filename", definitions);
      await eventually(async () => expect([await autoscaler(), (await scaledObject())?.kind]).toEqual([undefined, "ScaledObject"]));
      await sleep(3_000); // until no pass is left that would put it back without having heard
      const { uid } = (await scaledObject())!.metadata;
      await kube().delete("ScaledObject", name);
      await eventually(async () => expect((await scaledObject())?.metadata.uid).toSatisfy((now) => now !== undefined && now !== uid));
    });

    expect((await scaledObject())!.spec).toMatchObject({
      minReplicaCount: 1,
      maxReplicaCount: 6,
      advanced: { scalingModifiers: { formula: "payments + refunds + webhooks", target: "10" } },
      triggers: pool.queues.map((queue) => ({ type: "metrics-api", name: queue, metadata: { valueLocation: `queues.${queue}.depth` } })),
    });
    await make("shop", scaled({ autoscaling: { backend: "direct" } }));
    await eventually(async () => expect(await scaledObject()).toBeUndefined());
    await kube().delete("APIService", { name: apiServiceName });
    await make("shop", scaled());
    await eventually(async () => expect(await autoscaler()).toBeDefined());
    expect(seen.filter((pods) => pods !== 3)).toEqual([]);
  });

  test("says what stands in the way of the operator's certificates, and goes on once that is gone", async () => {
    const role = { namespace: "satang-system", name: "satang-operator" };
    const { rules } = (await kube().get("Role", role))! as unknown as { rules: { resources: string[] }[] };
    const secret = { namespace: "satang-system", name: certificatesSecret };
    const { data } = (await kube().get("Secret", secret))!;
    const others = rules.filter(({ resources }) => !resources.includes("secrets"));
    await kube().patch("Role", role, { rules: others });
    const another = await renewed(undefined, { names: ["another.svc"], now: Date.now() });
    await kube().patch("Secret", secret, { data: { "tls.crt": Buffer.from(another.serving.certificate).toString("base64") } });

    await says({ status: "False", reason: "BackendUnavailable", message: /secrets "satang-metrics-api" is forbidden/ });
    const aSecond = { authority: 1, serving: 1 / 86_400 };
    const over = await renewed(undefined, { names: ["satang-operator.satang-system.svc"], now: Date.now(), days: aSecond });
    await kube().patch("Secret", secret, { data: dataOf(over) });
    await kube().patch("Role", role, { rules: [...others, { apiGroups: [""], resources: ["secrets"], verbs: ["get"] }] });
    await says({ status: "False", reason: "BackendUnavailable", message: /tls.crt ended on .* cannot be made anew: .*forbidden/ });
    await kube().patch("Role", role, { rules });
    await says({ status: "False", reason: "BackendUnavailable", message: /does not reach the operator/ }); // there are no pods here, and that is all

    expect((await kube().get("Secret", secret))!.data!["ca.crt"]).not.toBe(data!["ca.crt"]); // made anew, for what was there was of no use
  });

  test("is never KEDA where there is none, and the condition says the way out", async () => {
    await make("shop", scaled({ autoscaling: { backend: "keda" } }));

    await says({ status: "False", reason: "BackendUnavailable", message: /install KEDA, or set spec.autoscaling.backend to auto/ });
    expect(await replicas()).toBe(3);
  });
});
