import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { client } from "../../../operator/kube/client.ts";
import { inCluster } from "../../../operator/kube/in-cluster.ts";
import { kubeconfig } from "../../../operator/kube/kubeconfig.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { testFolder } from "../../support/test-folder.ts";
import { sharedApiServer } from "./shared-api-server.ts";

onOwnNode("the way to the API server", () => {
  const { server } = sharedApiServer();

  test("is that of the pod's service account, whose token is read anew when the kubelet has changed it", async () => {
    using folder = testFolder();
    const write = (file: string, text: string) => writeFileSync(join(folder.path, file), text);
    await server().kubectl("create", "serviceaccount", "operator", "--namespace", "trial");
    await server().kubectl("create", "clusterrole", "operator", "--verb", "list", "--resource", "configmaps");
    await server().kubectl("create", "clusterrolebinding", "operator", "--clusterrole", "operator", "--serviceaccount", "trial:operator");
    const token = await server().kubectl("create", "token", "operator", "--namespace", "trial");
    write("ca.crt", readFileSync(join(server().certificates, "ca.crt"), "utf8"));
    write("namespace", "trial");
    write("token", token);
    const { hostname: host, port } = new URL(server().url);

    const access = await inCluster({ host, port, folder: folder.path, rereadSeconds: 0 });
    await using kube = client(access);
    const listed = await kube.list("ConfigMap", { namespace: access.namespace });
    write("token", "worn-out");
    const refused = kube.list("ConfigMap", { namespace: "trial" });

    expect(listed).toEqual([]);
    await expect(refused).rejects.toMatchObject({ code: 401, reason: "Unauthorized" });
    write("token", `${token}\n`);
    expect(await kube.list("ConfigMap", { namespace: "trial" })).toEqual([]);
    await expect(kube.list("Secret", { namespace: "trial" })).rejects.toMatchObject({ code: 403, reason: "Forbidden" });
  });

  test("cannot be taken by a pod without a service account, and it says what to change", async () => {
    using folder = testFolder();

    await expect(inCluster({ host: "10.96.0.1", port: "443", folder: folder.path })).rejects.toThrow("automountServiceAccountToken: true");
  });

  test("is that of a kubeconfig's current context outside a cluster", async () => {
    const access = await kubeconfig(server().kubeconfig);
    await using kube = client(access);

    expect(await kube.get("Namespace", { name: "trial" })).toBeDefined();
    expect(access).toMatchObject({ server: server().url, namespace: "default" });
  });

  test("is not one on which anybody could listen, whatever the kubeconfig says", async () => {
    using folder = testFolder();
    const config = JSON.parse(readFileSync(server().kubeconfig, "utf8"));
    const file = join(folder.path, "kubeconfig");
    const variant = (cluster: object) => {
      writeFileSync(file, JSON.stringify({ ...config, clusters: [{ name: "satang", cluster }] }));
      return kubeconfig(file);
    };

    await expect(variant({ server: server().url, "insecure-skip-tls-verify": true })).rejects.toThrow("give its certificate-authority");
    await expect(variant({ server: "http://127.0.0.1:8080" })).rejects.toThrow("only https://");
    await using stranger = client(await variant({ server: server().url }));
    await expect(stranger.get("Namespace", { name: "trial" })).rejects.toMatchObject({ code: 0, reason: "Unreachable" });
  });
});
