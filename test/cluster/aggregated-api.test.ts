import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { onOwnNode, sharedCluster } from "./cluster-tests.ts";
import { eventually } from "./eventually.ts";
import { aggregatedApi } from "./node/add-ons.ts";
import { signed } from "./node/certificates.ts";

onOwnNode("an aggregated API", () => {
  const cluster = sharedCluster();
  const api = { name: "greetings", group: "greetings.satang.test", version: "v1", port: 7443 };

  test("is served by a process of ours beside the node, and asked by the API server in the caller's name", async () => {
    const certificates = join(cluster().node.folder, "certificates");
    await signed(certificates, "greetings", "/CN=greetings", "DNS:greetings.kube-system.svc");
    const files = ["greetings.key", "greetings.crt", "front-proxy-ca.crt"].map((file) => join(certificates, file));
    cluster().node.start("greetings", process.execPath, [
      join(import.meta.dirname, "aggregated-api-server.ts"),
      String(api.port),
      ...files,
    ]);

    await cluster().apply(...aggregatedApi({ ...api, caBundle: readFileSync(join(certificates, "ca.crt")).toString("base64") }));
    await cluster().wait("apiservice/v1.greetings.satang.test", "condition=Available");

    const [greeting] = await eventually(() => cluster().list("greetings.greetings.satang.test"));
    expect(greeting).toMatchObject({ kind: "Greeting", metadata: { name: "hello" }, asker: "admin" });
  });

  test("is not Available while its certificate is not of the authority that the APIService names", async () => {
    await cluster().apply(
      ...aggregatedApi({
        ...api,
        caBundle: readFileSync(join(cluster().node.folder, "certificates/front-proxy-ca.crt")).toString("base64"),
      }),
    );

    await cluster().wait("apiservice/v1.greetings.satang.test", "condition=Available=false");
  });
});
