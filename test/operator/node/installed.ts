import { readFileSync } from "node:fs";
import { installationObjects } from "../../../operator/install/installation.ts";
import { debianImage, nodeImage } from "../../cluster/build/base-images.ts";
import { repository } from "../../cluster/build/folders.ts";
import { buildImage, type Image } from "../../cluster/build/image.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { KubeObject } from "../../cluster/kubectl.ts";

export const operatorNamespace = "satang-system";
const registry = "satang.test";
const { version } = JSON.parse(readFileSync(`${repository}/package.json`, "utf8")) as { version: string };

/** The images of this checkout, or of another, under the names by which an installation asks for them. */
export async function ourImages({ checkout = repository, tag = version } = {}): Promise<Image[]> {
  const [debian, node] = [await debianImage(), await nodeImage()];
  const ours = (name: string) => `${registry}/satang-${name}:${tag}`;
  const workloads = `${checkout}/workloads`;
  return [
    await buildImage(ours("operator"), checkout, `${checkout}/operator/Dockerfile`, [node]),
    await buildImage(ours("workloads"), checkout, `${workloads}/Dockerfile`, [node]),
    await buildImage(ours("postgres"), `${workloads}/postgres`, undefined, [debian]),
    await buildImage(ours("redis"), `${workloads}/redis`, undefined, [debian]),
  ];
}

/** Installs the operator from the plain YAML, as a user does; resolves when it is available. */
export async function install(cluster: Cluster): Promise<void> {
  const [definition, ...others] = installationObjects({ namespace: operatorNamespace, registry, version }) as KubeObject[];
  await cluster.apply(definition!);
  await cluster.wait("crd/paymentsystems.satang.dev", "condition=Established");
  await cluster.apply(...others);
  await cluster.wait("deployment/satang-operator", "condition=Available", { namespace: operatorNamespace, withinSeconds: 120 });
}
