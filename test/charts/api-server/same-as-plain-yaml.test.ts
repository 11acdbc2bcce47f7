import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { installationObjects } from "../../../operator/install/installation.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import type { KubeObject } from "../../cluster/kubectl.ts";
import { rendered } from "../helm.ts";

const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as { version: string };
const nameOf = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.name}`;
/** What a release adds to labels and selectors, and how Helm keeps the definition. */
const ofHelm = ["app.kubernetes.io/instance", "app.kubernetes.io/version", "helm.sh/chart", "helm.sh/resource-policy"];

onOwnNode("the chart with its defaults", () => {
  test("installs object by object what the plain YAML installs, but for the namespace and what a release adds", async () => {
    const plain = installationObjects({ namespace: "satang-system", registry: "registry.test", version }) as KubeObject[];

    const made = (await rendered()).filter(({ metadata }) => !metadata.annotations?.["helm.sh/hook"]);

    const expected = plain.filter(({ kind }) => kind !== "Namespace");
    expect(made.map(nameOf).toSorted()).toEqual(expected.map(nameOf).toSorted());
    for (const object of expected) {
      const same = made.find((one) => nameOf(one) === nameOf(object))!;
      expect(bare(same), nameOf(object)).toEqual(bare(object));
    }
  });
});

/** Without what a release adds, and the operator's name, which Helm gives every object and the plain YAML only its own; without maps that are empty then. */
function bare(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((one) => bare(one));
  if (typeof value !== "object" || value === null) return value;
  const ofRelease = key === "labels" ? [...ofHelm, "app.kubernetes.io/name"] : ofHelm;
  const kept = Object.entries(value).filter(([name, one]) => !ofRelease.includes(name) && one !== undefined);
  const parts = kept.map(([name, one]) => [name, bare(one, name)] as const);
  return Object.fromEntries(
    parts.filter(([name, one]) => !["labels", "annotations"].includes(name) || Object.keys(one as object).length > 0),
  );
}
