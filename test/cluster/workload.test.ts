import { expect, test } from "vitest";
import { nodeImage } from "./build/base-images.ts";
import { onCluster, sharedCluster } from "./cluster-tests.ts";
import { eventually } from "./eventually.ts";
import { fetchText, idle, programDeployment, programPod, sayName, service } from "./fixtures.ts";

onCluster("a workload on the node", () => {
  const cluster = sharedCluster({ images: async () => [await nodeImage()] });

  test("is a Deployment whose Service is found by DNS and spreads over its pods", async () => {
    await using namespace = await cluster().namespace();
    await cluster().apply(programDeployment(namespace.name, "web", 2, sayName), service(namespace.name, "web"));
    await cluster().apply(programPod(namespace.name, "client", idle));
    await cluster().wait("deployment/web", "condition=Available", { namespace: namespace.name });
    await cluster().wait("pod/client", "condition=Ready", { namespace: namespace.name });

    const client = { namespace: namespace.name, name: "client" };
    const names = new Set<string>();
    await eventually(async () => {
      const answer = await cluster().exec(client, fetchText("http://web"));
      expect(answer).toMatch(/^web-/); // a pod is Available before kube-proxy has heard of it
      names.add(answer);
      expect(names.size).toBe(2);
    });

    expect(await cluster().exec(client, fetchText(`http://web.${namespace.name}.svc.cluster.local`))).toMatch(/^web-/);
    expect(await cluster().exec(client, fetchText("http://example.invalid"))).toMatch(/failed: (ENOTFOUND|EAI_AGAIN)/);
  });

  test("is reached from the test process through a forwarded port, with its logs at hand", async () => {
    await using namespace = await cluster().namespace();
    const program = `console.log("listening"); ${sayName}`;
    await cluster().apply(programPod(namespace.name, "web", program), service(namespace.name, "web"));
    await cluster().wait("pod/web", "condition=Ready", { namespace: namespace.name });

    await using nobody = await cluster().forward({ namespace: "default", name: "kubernetes" }, 444);
    await expect(fetch(`http://${nobody.address}/`, { signal: AbortSignal.timeout(20_000) })).rejects.toThrow("fetch failed"); // not a timeout
    await using port = await cluster().forward({ namespace: namespace.name, name: "web" }, 80);
    const answer = await eventually(() => fetch(`http://${port.address}`, { signal: AbortSignal.timeout(5000) }));

    expect(await answer.text()).toBe("web");
    expect(await cluster().logs({ namespace: namespace.name, name: "web" })).toBe("listening\n");
  });

  test("writes to its claimed volume as an unprivileged user, in a namespace that enforces `restricted`", async () => {
    await using namespace = await cluster().namespace({ enforce: "restricted" });
    const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
    const pod = { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] };
    const program = `require("node:fs").writeFileSync("/data/file", "kept"); ${idle}`;
    const container = { volumeMounts: [{ name: "data", mountPath: "/data" }] };
    await cluster().apply({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data", namespace: namespace.name },
      spec: claim,
    });

    await cluster().apply(programPod(namespace.name, "writer", program, { pod, container }));
    await cluster().wait("pod/writer", "condition=Ready", { namespace: namespace.name });
    const writer = { namespace: namespace.name, name: "writer" };

    expect(await eventually(() => cluster().exec(writer, ["stat", "--format=%u:%g", "/data/file"]))).toBe("1000:1000\n");
    expect(await cluster().exec(writer, ["stat", "--format=%g", "/data"])).toBe("1000\n"); // what fsGroup promises
    expect(await cluster().exec(writer, ["sh", "-c", "touch /file 2>&1 || true"])).toContain("Read-only file system");
  });

  test("is refused by a namespace that enforces `restricted` when it asks for more", async () => {
    await using namespace = await cluster().namespace({ enforce: "restricted" });

    const refused = cluster().apply(programPod(namespace.name, "root", idle, { pod: { securityContext: { runAsUser: 0 } } }));

    await expect(refused).rejects.toThrow(/violates PodSecurity "restricted:latest"/);
  });

  test("is measured: `kubectl top` knows its CPU and memory", async () => {
    await using namespace = await cluster().namespace();
    await cluster().apply(programPod(namespace.name, "busy", idle));

    const top = await eventually(() => cluster().kubectl("top", "pod", "busy", "--namespace", namespace.name, "--no-headers"), {
      withinSeconds: 120,
      everyMs: 1000,
    });

    expect(top).toMatch(/^busy\s+\d+m\s+\d+Mi/);
  });
});
