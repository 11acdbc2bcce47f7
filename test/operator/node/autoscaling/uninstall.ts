import { expect, test } from "vitest";
import { installationObjects } from "../../../../operator/install/installation.ts";
import { apiServiceName } from "../../../../operator/metrics-api/registration.ts";
import type { KubeObject } from "../../../cluster/kubectl.ts";
import { operatorNamespace } from "../installed.ts";
import type { GrowingShop } from "./growing-shop.ts";
import { namespaceGoes } from "./namespace-goes.ts";

export function uninstallTests({ cluster, shop }: GrowingShop): void {
  test("uninstalled, it leaves no API that nobody answers: namespaces go, and discovery is quiet", async () => {
    const objects = installationObjects({ namespace: operatorNamespace, registry: "satang.test", version: "1" }) as KubeObject[];
    const others = objects.filter(({ kind }) => kind !== "CustomResourceDefinition"); // with it the shop would go
    for (const { kind, metadata } of others) {
      const scope = metadata.namespace ? ["-n", metadata.namespace] : [];
      await cluster().kubectl("delete", kind, metadata.name, ...scope, "--ignore-not-found", "--wait=false");
    }

    await cluster().wait(`apiservice/${apiServiceName}`, "delete", { withinSeconds: 60 });
    await cluster().wait(`namespace/${operatorNamespace}`, "delete", { withinSeconds: 120 });
    await cluster().kubectl("api-resources");
    await namespaceGoes(cluster(), "after the operator was uninstalled");
    expect((await shop().pay()).status).toBeLessThan(300); // what was made goes on
  }, 400_000);
}
