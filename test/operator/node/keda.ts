import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { kedaManifest } from "../../cluster/build/keda.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { eventually } from "../../cluster/eventually.ts";

/** As its own documentation does it. */
export async function installKeda(cluster: Cluster): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "satang-keda-"));
  try {
    const file = join(folder, "keda.yaml");
    writeFileSync(file, await kedaManifest(cluster.kubectl));
    await cluster.kubectl("apply", "--server-side", "--filename", file);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const deployments = ["deployment/keda-operator", "deployment/keda-metrics-apiserver"];
  await cluster.wait(deployments, "condition=Available", { namespace: "keda", withinSeconds: 300 });
}

/** Somebody else's pods, as many as there are of others, by KEDA. */
export interface Stranger {
  /** Asks for so many, and waits until they are there. */
  follows(pods: number): Promise<void>;
}

export async function strangerOf(cluster: Cluster): Promise<Stranger> {
  const namespace = "stranger";
  const deployment = (name: string, replicas?: number) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace, name },
    spec: {
      ...(replicas !== undefined && { replicas }),
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "pause", image: "satang.test/pause:1" }] } },
    },
  });
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  await cluster.apply(deployment("driver", 1), deployment("follower"), {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: { namespace, name: "follower" },
    spec: {
      scaleTargetRef: { name: "follower" },
      pollingInterval: 5,
      minReplicaCount: 1,
      maxReplicaCount: 5,
      advanced: { horizontalPodAutoscalerConfig: { behavior: { scaleDown: { stabilizationWindowSeconds: 5 } } } },
      triggers: [{ type: "kubernetes-workload", metadata: { podSelector: "app=driver", value: "1" } }],
    },
  });
  return {
    async follows(pods) {
      await cluster.kubectl("scale", "deployment/driver", "--namespace", namespace, `--replicas=${pods}`);
      const ready = async () => (await cluster.get("deployment", "follower", namespace)).status?.readyReplicas ?? 0;
      await eventually(async () => expect(await ready()).toBe(pods), { withinSeconds: 120, everyMs: 1_000 });
    },
  };
}
