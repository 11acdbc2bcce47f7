import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { goTools } from "../cluster/build/go-tools.ts";
import { command } from "../cluster/command.ts";
import type { KubeObject } from "../cluster/kubectl.ts";

export const chart = new URL("../../charts/satang-operator", import.meta.url).pathname;

/** `helm args…`, and what it wrote to standard output; throws `CommandFailed` with what it said. */
export async function helm(args: readonly string[], { kubeconfig = "" } = {}): Promise<string> {
  return command(join(await goTools("helm"), "helm"), [...args], { env: { ...process.env, KUBECONFIG: kubeconfig } });
}

/** What the chart makes of values, in the order in which Helm prints it. */
export async function rendered(...args: string[]): Promise<KubeObject[]> {
  const text = await helm([
    "template",
    "satang-operator",
    chart,
    "--namespace",
    "satang-system",
    "--set",
    "image.registry=registry.test",
    ...args,
  ]);
  return parseAllDocuments(text).flatMap((document) => (document.toJS() as KubeObject | null) ?? []);
}
