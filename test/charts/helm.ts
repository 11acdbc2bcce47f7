import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { goTools } from "../cluster/build/go-tools.ts";
import { command } from "../cluster/command.ts";
import type { KubeObject } from "../cluster/kubectl.ts";

export const chart = new URL("../../charts/satang-operator", import.meta.url).pathname;

/** Those that the chart is made for: the newest of each, by the modules that they are built of. */
const modules = { 4: "helm", 3: "helm3" } as const;
export type HelmVersion = keyof typeof modules;
export const helmVersions: readonly HelmVersion[] = [4, 3];

export interface HelmOptions {
  readonly kubeconfig?: string;
  readonly version?: HelmVersion;
}

/** `helm args…`, and what it wrote to standard output; throws `CommandFailed` with what it said. */
export async function helm(args: readonly string[], { kubeconfig = "", version = 4 }: HelmOptions = {}): Promise<string> {
  return command(join(await goTools(modules[version]), "helm"), [...args], { env: { ...process.env, KUBECONFIG: kubeconfig } });
}

/** What the chart makes of values, in the order in which Helm 4 prints it. */
export const rendered = (...args: string[]): Promise<KubeObject[]> => renderedBy(4, ...args);

export async function renderedBy(version: HelmVersion, ...args: string[]): Promise<KubeObject[]> {
  const given = ["--namespace", "satang-system", "--set", "image.registry=registry.test", ...args];
  const text = await helm(["template", "satang-operator", chart, ...given], { version });
  return parseAllDocuments(text).flatMap((document) => (document.toJS() as KubeObject | null) ?? []);
}
