import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type ApiServer, startApiServer } from "../../cluster/api-server.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { aGiven, objectsOf } from "../../operator/desired/given.ts";
import { chart, helm, helmVersions, rendered, renderedBy } from "../helm.ts";
import { monitorDefinitions } from "./monitor-definitions.ts";

const folder = new URL("../values/", import.meta.url).pathname;
const files = readdirSync(folder).map((name) => join(folder, name));
const namespaces = ["satang-system", "shop", "trade", "monitoring"];

onOwnNode("the chart", () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer();
    for (const definition of await monitorDefinitions()) {
      await server.apply(definition);
      await server.wait(`crd/${definition.metadata.name}`, "condition=Established");
    }
    for (const name of namespaces) {
      const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
      await server.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
    }
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  describe.each(helmVersions)("has nothing that Helm %i would warn of", (version) => {
    test.each(files)("with %s", async (file) => {
      const told = await helm(["lint", "--strict", chart, "--values", file], { version });

      expect(told).toContain("1 chart(s) linted, 0 chart(s) failed");
    });
  });

  test.each(files)("makes the same of %s by Helm 3 as by Helm 4", async (file) => {
    expect(await renderedBy(3, "--values", file)).toEqual(await renderedBy(4, "--values", file));
  });

  test.each(files)("makes of %s what an API server takes", async (file) => {
    const objects = await rendered("--values", file);
    for (const account of objects.filter(({ kind }) => kind === "ServiceAccount")) await server.apply(account); // a pod is refused, also for a trial, whose account is not there
    const made = join(tmpdir(), `satang-chart-${process.pid}.yaml`);
    writeFileSync(made, objects.map((object) => JSON.stringify(object)).join("\n---\n"));

    // In strict mode it refuses also what it does not know; what it warns of is on standard error, and there is nothing.
    const told = await server.kubectl("apply", "--server-side", "--dry-run=server", "--validate=strict", "--filename", made);

    rmSync(made);
    expect(told.trim().split("\n")).toHaveLength(objects.length);
  });

  test("has nothing that takes the pod of `helm test` for one of the operator's: its policy would keep it from the API, its budget would count it", async () => {
    const objects = await rendered("--set", "metrics.podMonitor.enabled=true");
    const labels = objects.find(({ kind }) => kind === "Pod")!.metadata.labels!;
    const selectors = objects.flatMap(({ kind, spec }) => {
      if (kind === "Service") return [spec.selector];
      return [spec?.selector?.matchLabels, spec?.podSelector?.matchLabels].filter(Boolean);
    });

    expect(selectors.length).toBeGreaterThan(4);
    for (const selector of selectors) expect(labels).not.toMatchObject(selector);
  });

  test("reads each shard's Postgres members under a job of their own, so that no alert takes them for our processes", async () => {
    const monitors = (await rendered("--set", "metrics.podMonitor.enabled=true")).filter(({ kind }) => kind === "PodMonitor");
    const { selector, jobLabel, podMetricsEndpoints } = monitors.find(({ metadata }) => metadata.name === "satang-operator-systems")!.spec;
    const members = objectsOf(aGiven({ postgres: { shards: 2 } }))
      .filter(({ kind, metadata }) => kind === "StatefulSet" && /-(postgres|shard-\d+)$/.test(metadata.name))
      .map(({ spec }) => spec.template);

    const read = members.map(({ metadata, spec }) => {
      const ports = spec.containers.flatMap((one: { ports: { name: string }[] }) => one.ports.map(({ name }) => name));
      expect(metadata.labels).toMatchObject(selector.matchLabels);
      return podMetricsEndpoints
        .filter(({ port }: { port: string }) => ports.includes(port))
        .map(({ path, relabelings }: Endpoint) => ({
          path,
          ...relabelled({ job: metadata.labels[jobLabel] }, metadata.labels, relabelings),
        }));
    });

    const of = { path: "/metrics", job: "satang-postgres", system: "shop" };
    expect(read).toEqual([[{ ...of, component: "postgres" }], [{ ...of, component: "shard-1" }]]);
  });

  test("makes pods that a namespace takes which enforces `restricted`", async () => {
    const objects = await rendered();
    const { metadata, spec } = objects.find(({ kind }) => kind === "Deployment")!.spec.template;
    const pods = [
      { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, name: "operator", namespace: "satang-system" }, spec },
      objects.find(({ kind }) => kind === "Pod")!,
    ];
    await server.apply(...objects.filter(({ kind }) => kind === "ServiceAccount"));

    await server.apply(...(pods as typeof objects));

    expect(await server.list("pods", { namespace: "satang-system" })).toHaveLength(2);
  });

  test("has Roles only, for the namespaces that it is told to watch", async () => {
    const objects = await rendered("--set", "watchNamespaces={shop,trade}", "--set", "crds.install=false");

    expect(objects.filter(({ kind }) => kind.startsWith("Cluster"))).toEqual([]);
    const roles = objects.filter(({ kind, metadata }) => kind === "Role" && !metadata.annotations);
    expect(roles.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
      "shop/satang-operator-systems",
      "trade/satang-operator-systems",
      "satang-system/satang-operator",
    ]);
  });

  test.each([
    ["image.registri=a", /image.*additional properties 'registri' not allowed/s],
    ["replicaCount=two", /replicaCount.*got string, want integer/s],
    ["replicaCount=-1", /replicaCount.*minimum/s],
    ["logging.level=loud", /logging\/level.*one of 'trace', 'debug'/s],
    ["metrics.podMonitor.interval=often", /interval.*pattern/s],
    ["watchNamespaces={Shop}", /watchNamespaces\/0.*pattern/s],
    ["image.digest=latest", /digest.*pattern/s],
  ])("refuses --set %s, and says what is wrong with it", async (value, told) => {
    for (const version of helmVersions) await expect(renderedBy(version, "--set", value), `Helm ${version}`).rejects.toThrow(told);
  });

  test("says what to set when nobody said where the images are", async () => {
    for (const version of helmVersions)
      await expect(helm(["template", chart], { version }), `Helm ${version}`).rejects.toThrow(
        /image\.registry is missing: say where .+ --set image\.registry=registry\.example\.com\/team/,
      );
  });

  test("may be a dependency of another chart", async () => {
    const objects = await rendered("--set", "global.imageRegistry=elsewhere", "--set", "enabled=true");

    expect(objects.length).toBeGreaterThan(10);
  });

  test("tells each value of every file: none of them is a default", () => {
    const everything = parse(readFileSync(join(folder, "everything.yaml"), "utf8")) as Record<string, unknown>;
    const known = Object.keys(parse(readFileSync(join(chart, "values.yaml"), "utf8")));

    expect(known.filter((name) => !(name in everything))).toEqual([]);
  });
});

interface Endpoint {
  readonly path: string;
  readonly relabelings: readonly {
    readonly sourceLabels?: readonly string[];
    readonly targetLabel: string;
    readonly replacement?: string;
  }[];
}

/** As Prometheus would, of rules that only copy a pod's label or write a word. */
function relabelled(
  begin: Record<string, string>,
  podLabels: Record<string, string>,
  rules: Endpoint["relabelings"],
): Record<string, string> {
  const meta = Object.fromEntries(
    Object.entries(podLabels).map(([name, value]) => [`__meta_kubernetes_pod_label_${name.replaceAll(/[^a-zA-Z0-9_]/g, "_")}`, value]),
  );
  const made = rules.map(({ sourceLabels = [], targetLabel, replacement }) => [targetLabel, replacement ?? meta[sourceLabels[0]!]!]);
  return { ...begin, ...Object.fromEntries(made) };
}
