import { execFileSync, spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { type ApiServer, startApiServer } from "../../cluster/api-server.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import type { CommandFailed } from "../../cluster/command.ts";
import type { KubeObject } from "../../cluster/kubectl.ts";

const main = new URL("../../../operator/install/main.ts", import.meta.url).pathname;
const printed = (...args: string[]): string => execFileSync(process.execPath, [main, ...args], { encoding: "utf8" });
const account = "system:serviceaccount:satang-system:satang-operator";

onOwnNode("the plain YAML installation", () => {
  const yaml = printed("--registry", "registry.example.com/team");
  const objects = parseAllDocuments(yaml).map((document) => document.toJS() as KubeObject);
  const file = join(tmpdir(), `satang-install-${process.pid}.yaml`);
  let server: ApiServer;

  beforeAll(async () => {
    server = await startApiServer();
    writeFileSync(file, yaml);
    await server.kubectl("apply", "--server-side", "--filename", file);
    await server.wait("crd/paymentsystems.satang.dev", "condition=Established");
  });
  afterAll(async () => {
    rmSync(file, { force: true });
    await server?.[Symbol.asyncDispose]();
  });
  const may = (who: string, ...what: string[]): Promise<boolean> =>
    server.kubectl("auth", "can-i", "--as", who, ...what).then(
      () => true,
      (error: CommandFailed) => {
        if (!error.out.startsWith("no")) throw error; // it did not understand the question
        return false;
      },
    );

  test("is taken whole by an API server, and changes nothing when it is applied again", async () => {
    const versions = () => Promise.all(objects.map((object) => server.get(object.kind, object.metadata.name, object.metadata.namespace)));
    const before = await versions();

    await server.kubectl("apply", "--server-side", "--filename", file);

    const ofVersion = ({ metadata }: KubeObject) => metadata.resourceVersion;
    expect((await versions()).map(ofVersion)).toEqual(before.map(ofVersion));
    expect(before.length).toBe(13);
  });

  test("makes pods that a namespace takes which enforces `restricted`", async () => {
    const { metadata, spec } = objects.find(({ kind }) => kind === "Deployment")!.spec.template;
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, name: "operator", namespace: "satang-system" }, spec };

    await server.apply(pod);

    expect((await server.get("pod", "operator", "satang-system")).spec.serviceAccountName).toBe("satang-operator");
    await server.delete("pod", "operator", "satang-system");
  });

  test("lets the operator do what a pass needs, in any namespace", async () => {
    await server.kubectl("create", "namespace", "shop");
    const system = { apiVersion: "satang.dev/v1alpha1", kind: "PaymentSystem", metadata: { name: "shop", namespace: "shop" }, spec: {} };
    await server.apply(system);

    const needs = [
      ["list", "paymentsystems"],
      ["watch", "paymentsystems"],
      ["patch", "paymentsystems/shop", "--subresource=status"],
      ["patch", "deployments.apps"],
      ["create", "secrets"],
      ["delete", "jobs.batch"],
      ["list", "events.events.k8s.io"],
      ["create", "events.events.k8s.io"],
    ];
    for (const what of needs) expect(await may(account, ...what, "--namespace", "shop"), what.join(" ")).toBe(true);
    for (const verb of ["get", "update"])
      expect(await may(account, verb, "leases/satang-operator", "--namespace", "satang-system")).toBe(true);
  });

  test("lets it do no more", async () => {
    const others = [
      ["update", "paymentsystems"],
      ["delete", "paymentsystems"],
      ["create", "pods"],
      ["create", "pods", "--subresource=exec"],
      ["get", "pods", "--subresource=log"],
      ["create", "serviceaccounts", "--subresource=token"],
      ["escalate", "roles.rbac.authorization.k8s.io"],
      ["bind", "roles.rbac.authorization.k8s.io"],
      ["create", "clusterroles.rbac.authorization.k8s.io"],
      ["get", "nodes"],
      ["delete", "namespaces"],
      ["patch", "customresourcedefinitions"],
      ["impersonate", "users"],
      ["create", "leases"],
      ["get", "leases"],
      ["patch", "apiservices.apiregistration.k8s.io/v1.apps"],
      ["delete", "apiservices.apiregistration.k8s.io/v1beta1.external.metrics.k8s.io"],
      ["get", "clusterroles.rbac.authorization.k8s.io/admin"],
      ["update", "secrets"],
    ];
    for (const what of others) expect(await may(account, ...what, "--namespace", "shop"), what.join(" ")).toBe(false);
    expect(await may(account, "update", "leases/another", "--namespace", "satang-system")).toBe(false);
  });

  test("asks for what it cannot know, and refuses what cannot be", () => {
    const refusal = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });
      return { status, stdout, stderr };
    };

    expect(refusal()).toEqual({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/^--registry is missing: say .+ --registry registry\S+\n$/),
    });
    expect(refusal("--registry", "a b").stderr).toMatch(/^--registry must be a host and a path in lower case/);
    expect(refusal("--registry", "a.b", "--namespace", "No")).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^--namespace must be/),
    });
    expect(refusal("--regstry", "a.b").stderr).toMatch(/^unknown option '--regstry'.*; --help lists what there is\n$/);
    expect(refusal("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("kubectl apply --server-side") });
  });

  test("names the namespace that is asked for wherever one is named", () => {
    const elsewhere = printed("--registry", "a.b/c", "--namespace", "payments");

    expect(elsewhere).not.toContain("satang-system");
    expect(elsewhere).toContain("image: a.b/c/satang-operator:");
  });
});
