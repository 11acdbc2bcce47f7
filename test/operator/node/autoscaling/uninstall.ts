import { expect, test } from "vitest";
import { installationObjects } from "../../../../operator/install/installation.ts";
import { apiServiceName } from "../../../../operator/metrics-api/registration.ts";
import type { Cluster } from "../../../cluster/cluster.ts";
import type { KubeObject } from "../../../cluster/kubectl.ts";
import { operatorNamespace } from "../installed.ts";
import type { GrowingShop } from "./growing-shop.ts";
import { namespaceGoes } from "./namespace-goes.ts";

export function uninstallTests({ cluster, shop }: GrowingShop): void {
  test("uninstalled, it leaves no API that nobody answers: namespaces go, and discovery is quiet", async () => {
    await uninstall(cluster());

    await cluster().wait(`apiservice/${apiServiceName}`, "delete", { withinSeconds: 60 });
    await cluster().wait(`namespace/${operatorNamespace}`, "delete", { withinSeconds: 120 });
    await cluster().kubectl("api-resources");
    await namespaceGoes(cluster(), "after the operator was uninstalled");
    expect((await shop().pay()).status).toBeLessThan(300); // what was made goes on
  }, 400_000);
}

/** Deletes what an installation applies but the definition, with which every system would go. */
export async function uninstall(cluster: Cluster): Promise<void> {
  const objects = installationObjects({ namespace: operatorNamespace, registry: "satang.test", version: "1" }) as KubeObject[];
  for (const { kind, metadata } of objects.filter(({ kind }) => kind !== "CustomResourceDefinition")) {
    const scope = metadata.namespace ? ["-n", metadata.namespace] : [];
    await cluster.kubectl("delete", kind, metadata.name, ...scope, "--ignore-not-found", "--wait=false");
  }
}
