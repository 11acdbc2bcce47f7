import { afterAll, beforeAll, expect, test } from "vitest";
import { queueNames } from "../../../crds/workers.ts";
import { kinds } from "../../../operator/kube/kinds.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";
import { type Labelled, namespace, trial } from "./trial.ts";

const withEverything = { api: { ingress: { host: "pay.example.com", tlsSecretName: "pay-tls" } } };

onOwnNode("what the operator has made", () => {
  const { server, kube, make, ready, parts } = trial();
  let operator: OperatorProcess;
  beforeAll(async () => {
    operator = await startOperator(server());
    await make("shop", withEverything);
    await ready("shop");
  });
  afterAll(() => operator?.[Symbol.asyncDispose]());

  test("comes back when it is deleted by hand, each object of each kind", async () => {
    const all = await parts("shop");
    const isSecret = ({ kind }: Labelled) => kind === "Secret"; // the last, for other passwords make another migration
    const before = [...all.filter((one) => !isSecret(one)), ...all.filter(isSecret)];
    const seen = new Set(before.map(({ kind }) => kind));

    for (const one of before) {
      await kube().delete(one.kind, one.metadata);
      await eventually(async () => {
        const again = await kube().get(one.kind, one.metadata);
        expect(again?.metadata.uid, `${one.kind} ${one.metadata.name}`).toBeDefined();
        expect(again!.metadata.uid).not.toBe(one.metadata.uid);
      });
      await ready("shop");
    }

    expect([...seen].sort()).toEqual([
      "ConfigMap",
      "Deployment",
      "HorizontalPodAutoscaler",
      "Ingress",
      "Job",
      "NetworkPolicy",
      "PodDisruptionBudget",
      "Role",
      "RoleBinding",
      "Secret",
      "Service",
      "ServiceAccount",
      "StatefulSet",
    ]);
    const now = await parts("shop");
    expect(
      now
        .filter(({ kind }) => kind !== "Job")
        .map(nameOf)
        .sort(),
    ).toEqual(
      before
        .filter(({ kind }) => kind !== "Job")
        .map(nameOf)
        .sort(),
    );
  }, 600_000);

  test("is as it was when it is changed by hand, and an event tells of it", async () => {
    for (const [kind, patch, field] of edits) {
      const [one] = (await parts("shop")).filter((part) => part.kind === kind);
      const before = await kube().get(kind, one!.metadata);

      await kube().patch(kind, one!.metadata, patch, { fieldManager: "kubectl-edit" });

      await eventually(async () => {
        const after = await kube().get(kind, one!.metadata);
        expect(Reflect.get(after!, field), `${kind} ${one!.metadata.name}`).toEqual(Reflect.get(before!, field));
      });
    }
    await eventually(async () => {
      const events = await kube().list("Event", { namespace });
      expect(
        events
          .filter(({ reason }) => reason === "FieldTakenBack")
          .map(({ note }) => note)
          .join(),
      ).toMatch(/Deployment shop-api.*kubectl-edit/);
    });
  });

  test("keeps what others set: annotations, labels, a sidecar, and the pods that an autoscaler asks for", async () => {
    const name = { namespace, name: "shop-worker-payments" };
    const scaler = {
      apiVersion: kinds.HorizontalPodAutoscaler.apiVersion,
      kind: "HorizontalPodAutoscaler" as const,
      metadata: { namespace, name: "theirs" },
    };
    const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: name.name };
    await kube().create({ ...scaler, spec: { scaleTargetRef, maxReplicas: 9 } });
    await eventually(async () => expect(await kube().get("HorizontalPodAutoscaler", name), "two for one would stop both").toBeUndefined());
    const sidecar = { name: "sidecar", image: "registry.test/sidecar:1" };
    const tools = {
      metadata: { annotations: { "tool.example.com/seen": "yes" }, labels: { team: "blue" } },
      spec: { template: { spec: { containers: [sidecar] } } },
    };
    await kube().apply(
      { apiVersion: "apps/v1", kind: "Deployment", ...tools, metadata: { ...name, ...tools.metadata } },
      { fieldManager: "tool" },
    );
    await kube().patch("Deployment", name, { spec: { replicas: 7 } }, { subresource: "scale", fieldManager: "kube-controller-manager" });

    await make("shop", { ...withEverything, workers: [{ name: "payments", queues: [...queueNames], concurrency: 7 }] });
    await eventually(async () => {
      const text = JSON.stringify(await kube().get("Deployment", name));
      expect(text).toContain('{"name":"CONCURRENCY","value":"7"}');
    });
    await ready("shop");

    const after = await kube().get("Deployment", name);
    expect(after!.spec!.replicas).toBe(7);
    expect(after!.metadata.annotations).toMatchObject({ "tool.example.com/seen": "yes" });
    expect(after!.metadata.labels).toMatchObject({ team: "blue" });
    expect(after!.spec!.template.spec!.containers.map(({ name }) => name).sort()).toEqual(["sidecar", "worker"]);
  });

  test("goes when the resource no longer asks for it", async () => {
    await make("shop", { networkPolicy: { enabled: false } });
    await ready("shop");

    await eventually(async () => {
      const left = (await parts("shop")).filter(({ kind }) => ["Ingress", "NetworkPolicy"].includes(kind));
      expect(left.map(nameOf)).toEqual([]);
    });
  });

  test("is left alone while the resource is paused", async () => {
    await make("shop", { paused: true });
    await eventually(async () =>
      expect(JSON.stringify(await kube().get("PaymentSystem", { namespace, name: "shop" }))).toContain('"type":"Paused"'),
    );
    const service = { namespace, name: "shop-api" };

    await kube().delete("Service", service);
    await make("shop", { paused: true, api: { targetCPUPercent: 71 } }); // a pass that has ended says so by its generation
    await eventually(async () => {
      const found = await kube().get("PaymentSystem", { namespace, name: "shop" });
      expect(found!.status).toMatchObject({ observedGeneration: found!.metadata.generation });
    });
    expect(await kube().get("Service", service)).toBeUndefined();

    await make("shop", {});
    await eventually(async () => expect(await kube().get("Service", service)).toBeDefined());
  });

  test("is never what a stranger made under the same name", async () => {
    const service = {
      apiVersion: "v1",
      kind: "Service" as const,
      metadata: { namespace, name: "corner-api" },
      spec: { ports: [{ port: 1234 }] },
    };
    await kube().create(service);

    await make("corner");

    await eventually(async () => {
      const status = JSON.stringify((await kube().get("PaymentSystem", { namespace, name: "corner" }))?.status);
      expect(status).toContain("Service corner-api is there already and not of this system");
      expect(status).toContain('"type":"Stalled"');
    });
    expect((await kube().get("Service", service.metadata))!.spec!.ports![0]!.port).toBe(1234);
    await kube().delete("PaymentSystem", { namespace, name: "corner" });
  });
});

const nameOf = ({ kind, metadata }: Labelled): string => `${kind}/${metadata.name}`;

/** A change by hand to an object of each kind, and the field that must be again what it was. */
const edits: readonly [Labelled["kind"], object, string][] = [
  ["Deployment", { spec: { template: { spec: { terminationGracePeriodSeconds: 7 } } } }, "spec"],
  ["HorizontalPodAutoscaler", { spec: { maxReplicas: 99 } }, "spec"],
  ["StatefulSet", { spec: { template: { spec: { serviceAccountName: "default", serviceAccount: "default" } } } }, "spec"],
  ["Service", { spec: { selector: { "app.kubernetes.io/component": "another" } } }, "spec"],
  ["Service", { spec: { ports: [{ name: "http", port: 1, targetPort: 1 }] } }, "spec"], // beside which ours, of the same name, cannot stand
  ["NetworkPolicy", { spec: { ingress: [{}] } }, "spec"],
  ["PodDisruptionBudget", { spec: { maxUnavailable: "100%" } }, "spec"],
  ["Ingress", { spec: { tls: null } }, "spec"],
  ["ServiceAccount", { automountServiceAccountToken: true }, "automountServiceAccountToken"],
];
