import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installationObjects } from "../../../operator/install/installation.ts";
import { type ApiServer, startApiServer } from "../../cluster/api-server.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import type { KubeObject } from "../../cluster/kubectl.ts";
import { chart, helm, helmVersions } from "../helm.ts";

const release = ["satang-operator", chart, "--namespace", "satang-system", "--set", "image.registry=registry.test"];

// Without pods there is nothing to wait for: what Helm itself keeps, changes and takes up again is seen here, the rest on a node.
onOwnNode.each(helmVersions)("a release of the chart by Helm %i", (version) => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());
  const run = (...args: string[]) => helm(args, { version, kubeconfig: server.kubeconfig });
  const replicas = async () => (await server.get("deployment", "satang-operator", "satang-system")).spec.replicas;
  const names = async (kind: string) => (await server.list(kind)).map(({ metadata }) => metadata.name);

  test("keeps the definition and every PaymentSystem when it is uninstalled, and takes them up when it is installed again", async () => {
    await run("install", ...release, "--create-namespace");
    await server.wait("crd/paymentsystems.satang.dev", "condition=Established");
    await server.apply({
      apiVersion: "satang.dev/v1alpha1",
      kind: "PaymentSystem",
      metadata: { name: "shop", namespace: "default" },
      spec: {},
    });
    const { uid } = (await server.get("psys", "shop", "default")).metadata;

    await run("uninstall", "satang-operator", "--namespace", "satang-system");
    expect((await server.get("psys", "shop", "default")).metadata.uid).toBe(uid);
    expect(await names("deployments")).toEqual([]);
    expect((await names("clusterroles")).filter((name) => name.startsWith("satang"))).toEqual([]);
    await run("install", ...release);

    expect((await server.get("psys", "shop", "default")).metadata.uid).toBe(uid);
    expect(await names("deployments")).toEqual(["satang-operator"]);
  });

  test("of another version is upgraded with its definition, and rolled back with it", async () => {
    const before = mkdtempSync(join(tmpdir(), "satang-chart-"));
    cpSync(chart, before, { recursive: true });
    change(join(before, "Chart.yaml"), "version: 0.1.0", "version: 0.0.9");
    change(join(before, "templates/crds.yaml"), "- name: Ready", "- name: Old");
    const column = async () => (await server.get("crd", "paymentsystems.satang.dev")).spec.versions[0].additionalPrinterColumns[0].name;

    await run("upgrade", ...release.with(1, before), "--set", "replicaCount=3");
    expect([await column(), await replicas()]).toEqual(["Old", 3]);
    await run("upgrade", ...release);
    expect([await column(), await replicas()]).toEqual(["Ready", 2]);
    await run("rollback", "satang-operator", "--namespace", "satang-system");
    expect([await column(), await replicas()]).toEqual(["Old", 3]);

    await run("upgrade", ...release);
    rmSync(before, { recursive: true });
  });

  test("says what comes next, whole", async () => {
    const notes = await run("get", "notes", "satang-operator", "--namespace", "satang-system");

    expect(notes).toContain("kubectl apply -f - <<YAML\n");
    expect(notes).toContain("kubectl wait --for=condition=Ready psys/shop -n default --timeout=10m\n");
    expect(notes).toContain("helm test satang-operator -n satang-system --logs\n");
    expect(notes).not.toContain("ATTENTION");
  });

  test.each([
    ["replicaCount=1", /failover of the operator takes as long as a new pod/],
    ["crds.keep=false", /`helm uninstall` deletes every PaymentSystem/],
    ["image.tag=latest", /changes under your feet/],
  ])("warns of --set %s", async (value, warning) => {
    await run("upgrade", ...release, "--set", value);

    expect(await run("get", "notes", "satang-operator", "--namespace", "satang-system")).toMatch(warning);
  });

  if (version === 3)
    test("is upgraded by Helm 4, and rolled back to what Helm 3 made", async () => {
      const byHelm4 = (...args: string[]) => helm(args, { version: 4, kubeconfig: server.kubeconfig });
      await run("upgrade", ...release, "--set", "replicaCount=3");

      await byHelm4("upgrade", ...release, "--set", "replicaCount=4");
      expect(await replicas()).toBe(4);
      await byHelm4("rollback", "satang-operator", "--namespace", "satang-system");
      expect(await replicas()).toBe(3);
    });

  test("takes over what the plain YAML has installed", async () => {
    await run("uninstall", "satang-operator", "--namespace", "satang-system");
    await server.kubectl("delete", "crd", "paymentsystems.satang.dev");
    const [definition, ...others] = installationObjects({ namespace: "satang-system", registry: "registry.test", version: "0.1.0" });
    await server.apply(definition as KubeObject);
    await server.wait("crd/paymentsystems.satang.dev", "condition=Established");
    await server.apply(...(others as KubeObject[]));
    // A selector never changes, and the release's has one label more: the old pods go, the new ones find the lease free.
    await server.kubectl("delete", "deployment", "satang-operator", "--namespace", "satang-system");

    await run("install", ...release, "--take-ownership", ...(version === 4 ? ["--force-conflicts"] : []));

    expect((await server.get("crd", "paymentsystems.satang.dev")).metadata.annotations).toMatchObject({
      "helm.sh/resource-policy": "keep",
    });
    expect(await names("deployments")).toEqual(["satang-operator"]);
  });
});

function change(file: string, from: string, to: string): void {
  const text = readFileSync(file, "utf8");
  if (!text.includes(from)) throw new Error(`${file} does not say ${from}`);
  writeFileSync(file, text.replace(from, to));
}
