import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { clusterRights, ownRights, rights } from "../../../operator/install/rights.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { troubledLine } from "../kube/troubled-line.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";
import { namespace, trial } from "./trial.ts";

/** Rights that nobody sees it use, and why it has them. */
const unseen = new Map([
  ["update satang.dev/paymentsystems/finalizers", "some API servers ask it of whoever names an owner"],
  ["update rbac.authorization.k8s.io/clusterroles/finalizers", "the same"],
  ...["get", "list", "watch", "create", "patch", "delete"].map(
    (verb) => [`${verb} keda.sh/scaledobjects`, "where KEDA is: autoscaling.test.ts"] as const,
  ),
  ["create authorization.k8s.io/subjectaccessreviews", "asked for each caller of external metrics: metrics-api.test.ts"],
  ["update /secrets", "of its own certificates, when they are renewed: metrics-api.test.ts"],
  ["get /pods", "members of a replica set have it, and nobody hands on a right that he does not have"],
]);

const everything = { api: { ingress: { host: "pay.example.com" } }, postgres: { instances: 3 } };
const least = {
  image: "registry.test/workloads:2",
  workers: [{ name: "all", queues: ["payments", "refunds", "webhooks"] }],
  networkPolicy: { enabled: false },
  redis: { backend: "external", secretName: "theirs" },
};

onOwnNode("the operator's rights", () => {
  const { server, kube, make, ready } = trial();

  test("are all asked for, so that it has none to spare", async () => {
    await using line = await troubledLine(server());
    const at = { port: Number(new URL(line.access.server).port) };
    const used = () => new Set(line.requests.flatMap(rightsFor));
    await make("shop", everything);
    await make("other", everything);
    await using first = await startOperator(server(), { at });
    await Promise.all([ready("shop"), ready("other")]);

    await members("other");
    await smallVolume("other");
    await kube().patch(
      "StatefulSet",
      { namespace, name: "other-redis" },
      { status: { replicas: 0, readyReplicas: 0, availableReplicas: 0 } },
      { subresource: "status" },
    ); // it would ask why
    const steered = ["patch /pods", "delete /pods", "list events.k8s.io/events", "patch /persistentvolumeclaims"];
    await eventually(() => expect([...used()]).toEqual(expect.arrayContaining(steered)));
    await changedByHand(first);
    await first.stop();
    await using second = await startOperator(server(), { at, name: "operator-2" }); // it finds the events of the first
    await changedByHand(second);
    await kube().apply(secret, { fieldManager: "test" });
    await make("shop", least);
    await ready("shop");
    await second.stop();

    const granted = [...rights, ...clusterRights("satang-operator"), ...ownRights("satang-operator")].flatMap(
      ({ apiGroups = [], resources = [], verbs }) =>
        apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`))),
    );
    expect(granted.filter((right) => !used().has(right) && !unseen.has(right))).toEqual([]);
    expect([...unseen.keys()].filter((right) => !granted.includes(right))).toEqual([]);
  }, 240_000);

  /** A field of a Service is changed, and taken back by this process, with the same event each time. */
  async function changedByHand(operator: OperatorProcess): Promise<void> {
    const taken = () => operator.metric('satang_operator_applies_total{result="changed"}');
    await operator.untilMetric("satang_operator_leads", (leads) => leads === 1);
    await operator.untilMetric('workqueue_depth{name="paymentsystems"}', (waiting) => waiting === 0);
    const before = (await taken()) ?? 0;
    const name = { namespace, name: "shop-simulator" };
    await kube().patch("Service", name, { spec: { selector: { "app.kubernetes.io/component": "another" } } }, { fieldManager: "hand" });
    await operator.untilMetric('satang_operator_applies_total{result="changed"}', (changes) => changes > before);
  }

  /** It would grow. */
  async function smallVolume(system: string): Promise<void> {
    const name = `data-${system}-redis-0`;
    const labels = { "app.kubernetes.io/managed-by": "satang-operator", "app.kubernetes.io/instance": system };
    const spec = { accessModes: ["ReadWriteOnce"], volumeName: name, resources: { requests: { storage: "1Mi" } } };
    await kube().create({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name, namespace, labels }, spec });
    const status = { phase: "Bound", capacity: { storage: "1Mi" } };
    await kube().patch("PersistentVolumeClaim", { namespace, name }, { status }, { subresource: "status" });
  }

  /** Of Postgres: one that holds the lock, one that only says so, and one that is as it was and serves nobody. */
  async function members(system: string): Promise<void> {
    const labels = { "app.kubernetes.io/managed-by": "satang-operator", "app.kubernetes.io/instance": system };
    for (const [ordinal, role, revision] of [
      [0, "primary", "one"],
      [1, "primary", "one"],
      [2, "replica", "before"],
    ] as const)
      await kube().create({
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
          name: `${system}-postgres-${ordinal}`,
          namespace,
          labels: { ...labels, "satang.dev/role": role, "controller-revision-hash": revision },
        },
        spec: { serviceAccountName: `${system}-postgres`, containers: [{ name: "postgres", image: "registry.test/postgres:1" }] },
      });
  }
});

const secret = {
  apiVersion: "v1",
  kind: "Secret" as const,
  metadata: { name: "theirs", namespace },
  stringData: { url: "redis://redis.example.com" },
};

/** `patch apps/deployments`. Who applies an object that is not there needs the right to create it, too. */
function rightsFor({ method, path, headers }: { method: string; path: string; headers: IncomingMessage["headers"] }): string[] {
  const [place = "", query = ""] = path.split("?");
  const [, group = "", rest = ""] = /^\/(?:api|apis\/([^/]+))\/[^/]+\/(.*)$/.exec(place) ?? [];
  const [resource, name, subresource] = rest.replace(/^namespaces\/[^/]+\//, "").split("/");
  const isApplied = headers["content-type"]?.startsWith("application/apply-patch") ?? false;
  const reads = name ? "get" : query.includes("watch=true") ? "watch" : "list";
  const verbs = { GET: [reads], POST: ["create"], PUT: ["update"], DELETE: ["delete"], PATCH: isApplied ? ["patch", "create"] : ["patch"] };
  return verbs[method as keyof typeof verbs].map((verb) => `${verb} ${group}/${resource}${subresource ? `/${subresource}` : ""}`);
}
